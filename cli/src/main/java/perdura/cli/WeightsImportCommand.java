package perdura.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import perdura.cli.words.Json;
import perdura.grids.spec.Amount;
import perdura.grids.spec.DurableEffects;
import perdura.training.weights.BertSizes;
import perdura.training.weights.WeightImporter;
import perdura.training.weights.WeightImporter.ImportResult;
import perdura.training.weights.WeightImporter.WeightImport;
import perdura.training.weights.WeightKind;
import perdura.training.weights.WeightManifest;
import perdura.training.weights.WeightManifest.LeftOut;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Brings weights in. */
@Command(
        name = "import",
        description = {
            "Import weights that a pre-training can begin with: torchvision's ResNet, Hugging Face's BERT, PRIOR's released"
                    + " checkpoints, or a checkpoint of ours.",
            "Files are read without executing anything in them. Every name and shape is checked.",
            "Prints the digest of the weights."
        })
final class WeightsImportCommand extends Subcommand {
    private static final int SHOWN_NAMES = 3;

    @Parameters(
            index = "0",
            paramLabel = "FILE",
            description = ".pth, .pt, .bin, .ckpt, .safetensors, or a folder of Hugging Face or of ours")
    private @Nullable Path file;

    @Option(names = "--kind", description = "resnet, bert, prior or auto; default: auto")
    private KindWord kind = KindWord.AUTO;

    @Option(names = "--name", paramLabel = "NAME", description = "a name for the weights, for specs")
    private @Nullable String name;

    @Option(
            names = "--prefix",
            paramLabel = "PREFIX",
            description = "what the model's names begin with, where a file holds several models")
    private @Nullable String prefix;

    @Option(
            names = "--heads",
            paramLabel = "N",
            description = "attention heads of the text encoder, where no config.json beside the file says it")
    private @Nullable Integer heads;

    @Option(names = "--json", description = "as JSON")
    private boolean json;

    /** The kinds, and the word for finding out. */
    enum KindWord {
        AUTO(null),
        RESNET(WeightKind.RESNET),
        BERT(WeightKind.BERT),
        PRIOR(WeightKind.PRIOR);

        private final @Nullable WeightKind kind;

        KindWord(@Nullable WeightKind kind) {
            this.kind = kind;
        }
    }

    @Override
    public Integer call() {
        WeightImporter importer = new WeightImporter(connection.weights(), DurableEffects.counting());
        ImportResult result =
                importer.run(new WeightImport(Objects.requireNonNull(file), kind.kind, prefix, heads, name));
        WeightManifest manifest = result.found();
        if (json) {
            Map<String, @Nullable Object> all = new LinkedHashMap<>();
            all.put("digest", manifest.digest());
            all.put("names", result.set().names());
            all.put("isNew", result.isNew());
            all.put("folder", result.set().folder().toString());
            all.put("manifest", manifest);
            terminal.result(Json.of(all));
            return 0;
        }
        describe(result, manifest);
        terminal.result(manifest.digest());
        return 0;
    }

    private void describe(ImportResult result, WeightManifest manifest) {
        terminal.message("Kind " + manifest.kind().word() + ", from "
                + manifest.source().file() + " (" + manifest.source().format() + ")");
        if (manifest.image() != null) {
            terminal.message("  image encoder: " + manifest.image());
        }
        BertSizes text = manifest.text();
        if (text != null) {
            terminal.message("  text encoder: " + text);
            if (text.heads() == null) {
                terminal.message(
                        "  how many heads it has, neither a config.json beside the file nor --heads says; an export assumes "
                                + text.likelyHeads());
            }
        }
        terminal.message("  loaded: " + Amount.of(manifest.loaded().size(), "tensor"));
        leftOut("skipped", manifest.skipped());
        leftOut("left at its initial value", manifest.initial());
        terminal.message(
                (result.isNew() ? "Written to " : "Already in ") + result.set().folder());
        if (name != null) {
            terminal.message("Name: " + name
                    + (result.nameBefore() == null ? "" : ", which stood for " + result.nameBefore() + " before"));
        }
        String word = name == null ? manifest.digest().substring(0, 12) : name;
        terminal.message("In a spec: initialWeights: {" + (manifest.image() == null ? "" : "image: " + word)
                + (manifest.image() != null && text != null ? ", " : "") + (text == null ? "" : "text: " + word) + "}");
    }

    /** One line for each reason. */
    private void leftOut(String title, List<LeftOut> all) {
        Map<String, List<String>> byReason = new LinkedHashMap<>();
        all.forEach(one -> byReason.computeIfAbsent(one.reason(), reason -> new ArrayList<>())
                .add(one.name()));
        byReason.forEach((reason, names) -> terminal.message("  " + title + ": "
                + String.join(", ", names.subList(0, Math.min(SHOWN_NAMES, names.size())))
                + (names.size() > SHOWN_NAMES ? " and " + (names.size() - SHOWN_NAMES) + " more" : "") + ": "
                + reason));
    }
}
