package perdura.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import perdura.cli.words.Table;
import perdura.grids.spec.PretrainSpec;
import perdura.training.method.Method;
import perdura.training.method.Method.StepMemory;
import perdura.training.method.Methods;
import perdura.training.nn.StateDictLayout;

/** What a pre-training needs before anything of it runs: the parameters of each module, the memory of a step of each stage. */
final class StepNeeds {
    private StepNeeds() {}

    /** @param vocabulary number of WordPieces */
    static String of(PretrainSpec spec, int vocabulary) {
        Method method = Methods.load().of(spec);
        List<String> parts = new ArrayList<>();
        parts.add(parameters(method.layout(spec, vocabulary)));
        parts.add("");
        parts.add(memory(spec, method.memory(spec, vocabulary)));
        parts.add("");
        Integer chunk = spec.microBatchSize();
        parts.add("A step takes " + spec.batchSize() + " studies, "
                + (chunk == null
                        ? "all at a time (microBatchSize: null)"
                        : chunk + " at a time (microBatchSize: " + chunk + ")")
                + method.pairModels()
                        .map(models -> ", texts of " + models.textLength(spec) + " pieces at most")
                        .orElse("")
                + ". Above what a process needs without a model;"
                + " activations are counted for the processor.");
        return String.join(System.lineSeparator(), parts);
    }

    private static String parameters(StateDictLayout layout) {
        Map<String, Long> modules = new LinkedHashMap<>();
        for (String name : layout.parameterNames()) {
            modules.computeIfAbsent(module(name), layout::countParameters);
        }
        Table table = new Table("MODULE", "PARAMETERS");
        modules.forEach((module, count) -> table.row(module, number(count)));
        return table.row("all", number(layout.countParameters(""))).toString();
    }

    /** Encoders and projections by their parts, all others whole. */
    private static String module(String name) {
        String[] words = name.split("\\.", 3);
        return switch (words[0]) {
            case "image", "text", "projection" -> words[0] + "." + words[1];
            default -> words[0];
        };
    }

    private static String memory(PretrainSpec spec, List<StepMemory> memories) {
        Table table = new Table("STAGE", "WEIGHTS", "GRADIENTS", "MOMENTS", "ACTIVATIONS", "ALL");
        for (int i = 0; i < memories.size(); i++) {
            StepMemory memory = memories.get(i);
            table.row(
                    spec.stageNumbers().get(i),
                    gigabytes(memory.weights()),
                    gigabytes(memory.gradients()),
                    gigabytes(memory.moments()),
                    gigabytes(memory.activations()),
                    gigabytes(memory.total()));
        }
        return table.toString();
    }

    private static String number(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }

    private static String gigabytes(long bytes) {
        return String.format(Locale.ROOT, "%.2f GB", bytes / 1e9);
    }
}
