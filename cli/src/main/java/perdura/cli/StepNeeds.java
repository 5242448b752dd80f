package perdura.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import perdura.cli.words.Table;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.StageSpec;
import perdura.training.methods.prior.model.Prior;
import perdura.training.methods.prior.model.StepMemory;
import perdura.training.nn.StateDictLayout;

/** What a pre-training needs before anything of it runs: the parameters of each module, the memory of a step of each stage. */
final class StepNeeds {
    private StepNeeds() {}

    /** @param vocabulary number of WordPieces */
    static String of(PretrainSpec spec, int vocabulary) {
        Prior prior = new Prior(spec.model(), vocabulary);
        List<String> parts = new ArrayList<>();
        parts.add(parameters(prior.layout()));
        parts.add("");
        parts.add(memory(spec, prior));
        parts.add("");
        Integer chunk = spec.batchChunk();
        parts.add("A step takes " + spec.batchSize() + " studies, "
                + (chunk == null
                        ? "all at a time (batchChunk: null)"
                        : chunk + " at a time (batchChunk: " + chunk + ")")
                + ", texts of " + spec.model().textLength()
                + " pieces at most. Above what a process needs without a model;"
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

    private static String memory(PretrainSpec spec, Prior prior) {
        Table table = new Table("STAGE", "WEIGHTS", "GRADIENTS", "MOMENTS", "ACTIVATIONS", "ALL");
        for (StageSpec stage : spec.stages()) {
            StepMemory memory = StepMemory.of(prior, stage, spec.batchSize(), spec.batchChunk());
            table.row(
                    stage.stage(),
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
