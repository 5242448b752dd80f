package perdura.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import perdura.testkit.Repository;

/** A method is one package with one entry: the rest of the code asks {@code perdura.training.method.Methods}. */
@AnalyzeClasses(packages = "perdura", importOptions = DoNotIncludeTests.class)
class TestMethodSeam {
    @ArchTest
    static final ArchRule NOBODY_KNOWS_THE_CLASSES_OF_A_METHOD = noClasses()
            .that()
            .resideOutsideOfPackages("perdura.training.methods..", "perdura.benchmarks..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("perdura.training.methods..");

    /** Files that may name PRIOR in their code, each with its reason. */
    private static final Map<String, String> NAMING = Map.of(
            "training/methods/prior/.*", "the method",
            "benchmarks/.*", "they measure it",
            "grids/read/ReadyGrids", "its ready grids",
            "cli/QuickstartCommand", "the quickstart trains it",
            "training/weights/(PriorReading|Marks|WeightImporter|WeightKind|ExportSource|InitialWeights)",
                    "they read its published checkpoints",
            "cli/WeightsImportCommand", "it imports its published checkpoints",
            "(grids/spec/(IngestSpec|SplitSpec))", "words that users write: a profile of ingests, a split of CheXpert",
            "datasets/(ingest/(ImageView|SampleLoader)|split/totals/PublishedTotals|data/(DataLoaders|DataSetSplits))",
                    "what that profile and that split are, and its published totals",
            "training/tasks/(SplitChoice|classify/SupervisedClassificationTask)", "that split of CheXpert");

    private static final Pattern COMMENTS = Pattern.compile("/\\*.*?\\*/|//[^\n]*", Pattern.DOTALL);
    private static final Pattern NAME = Pattern.compile("PRIOR(?!IT)|Prior(?!it)|\"prior(?!it)");

    @Test
    void nothingElseNamesPrior() throws IOException {
        Map<String, List<String>> found = new TreeMap<>();
        Path root = Repository.resolve("");
        assertThat(root.resolve("training-core/src/main/java/perdura")).isDirectory();
        try (Stream<Path> modules = Files.list(root.toAbsolutePath())) {
            for (Path module : modules.toList()) {
                Path sources = module.resolve("src/main/java/perdura");
                if (Files.isDirectory(sources)) {
                    find(sources, found);
                }
            }
        }
        assertThat(found).isEmpty();
    }

    private static void find(Path sources, Map<String, List<String>> found) throws IOException {
        try (Stream<Path> files = Files.walk(sources)) {
            for (Path file :
                    files.filter(each -> each.toString().endsWith(".java")).toList()) {
                String name = sources.relativize(file).toString().replace(".java", "");
                if (NAMING.keySet().stream().anyMatch(name::matches)) {
                    continue;
                }
                List<String> lines = COMMENTS.matcher(Files.readString(file))
                        .replaceAll("")
                        .lines()
                        .filter(line -> NAME.matcher(line).find())
                        .toList();
                if (!lines.isEmpty()) {
                    found.put(name, lines);
                }
            }
        }
    }
}
