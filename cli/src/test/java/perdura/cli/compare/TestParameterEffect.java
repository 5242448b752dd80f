package perdura.cli.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.experiments.compare.Comparison;
import perdura.experiments.compare.ParameterEffect;
import perdura.experiments.compare.ParameterEffect.Level;
import perdura.experiments.compare.Summary;
import perdura.experiments.figure.SweepFigures;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

class TestParameterEffect {
    private static final String RECALL = "image_to_report_recall_at_1";

    private static Map<String, Object> point(int queue, int pretrainSeed) {
        return Map.of("pretrain", Map.of("queueLength", queue, "seed", pretrainSeed), "dataset", "mimic");
    }

    /** Queues of 256, 32 and 1024; 3 seeds of the pre-training and one of the trial. */
    private static SampleSweep queues() {
        SampleSweep sweep = new SampleSweep("pretrain", List.of(RECALL, "median"));
        for (int queue : new int[] {256, 32, 2048}) {
            for (int seed = 1; seed <= 3; seed++) {
                sweep.finished(
                        point(queue, seed), 7, 0.5, Map.of(RECALL, queue / 10000.0 + 0.01 * seed, "median", (double)
                                queue));
            }
        }
        return sweep;
    }

    @Test
    void pretrainingsThatDifferInTheirSeedAreSeedsOfOneValue() {
        ParameterEffect effect =
                ParameterEffect.alone(queues().view().comparison()).get(0);

        assertThat(effect.path()).isEqualTo("pretrain.queueLength");
        assertThat(effect.isNumeric()).isTrue();
        assertThat(effect.isGeometric()).as("32 * 8 * 8").isTrue();
        assertThat(effect.levels()).extracting(Level::value).containsExactly("32", "256", "2048");
        Summary first = summary(effect, 0, "test/" + RECALL);
        assertThat(first.n()).isEqualTo(3);
        assertThat(first.mean()).isCloseTo(0.0232, within(1e-12));
        assertThat(first.std()).isCloseTo(0.01, within(1e-12));
        assertThat(effect.levels().get(0).trials()).isEqualTo(3);
    }

    private static Summary summary(ParameterEffect effect, int level, String metric) {
        return Objects.requireNonNull(effect.levels().get(level).metrics().get(metric));
    }

    @Test
    void aTrialThatIsNotFinishedCountsForNothingButIsMissed() {
        SampleSweep sweep = queues().onItsWay(point(32, 4), 7, "RUNNING", 0.9)
                .failed(point(256, 4), 7, "OUT_OF_MEMORY", "too much");
        ParameterEffect effect =
                ParameterEffect.alone(sweep.view().comparison()).get(0);
        assertThat(effect.levels()).extracting(Level::trials).containsExactly(4, 4, 3);
        assertThat(summary(effect, 0, "test/" + RECALL).n()).isEqualTo(3);
        SampleSweep none = new SampleSweep("pretrain", List.of(RECALL))
                .failed(point(1, 1), 7, "INTERNAL", "-")
                .failed(point(2, 1), 7, "INTERNAL", "-");
        assertThat(ParameterEffect.alone(none.view().comparison())).isEmpty();
    }

    private static SampleSweep switches() {
        SampleSweep sweep = new SampleSweep("pretrain", List.of(RECALL));
        for (boolean on : new boolean[] {true, false}) {
            for (String pooling : List.of("max", "max-max")) {
                sweep.finished(
                        Map.of("uniProjectors", on, "pooling", pooling),
                        1,
                        0.5,
                        Map.of(RECALL, (on ? 0.2 : 0.1) + (pooling.equals("max") ? 0 : 0.05)));
            }
        }
        return sweep;
    }

    @Test
    void anotherParameterThatVariesMustBeHeld() {
        assertThat(ParameterEffect.alone(switches().view().comparison())).isEmpty();
        assertRefused("uniProjectors", Map.of(), "pooling varies beside uniProjectors; hold it at one of max, max-max");
        assertRefused("uniprojectors", Map.of(), "uniprojectors does not vary", "uniProjectors");
        assertRefused("uniProjectors", Map.of("pooling", "mean"), "no point of the sweep has {pooling=mean}");
        assertRefused(null, Map.of(), "name the parameter: what varies is", "pooling");
        ParameterEffect effect = effect(null, Map.of("pooling", "max-max"));
        assertThat(effect.path()).isEqualTo("uniProjectors");
        assertThat(effect.isNumeric()).isFalse();
        assertThat(effect.levels()).extracting(Level::value).containsExactly("true", "false");
        assertThat(summary(effect, 1, "test/" + RECALL).mean()).isCloseTo(0.15, within(1e-12));
    }

    @Test
    void aMetricThatNoFinishedTrialHasIsRefused() {
        SampleSweep sweep = queues().failed(point(1, 1), 7, "INTERNAL", "-");
        Comparison comparison = sweep.view().comparison();
        assertThatThrownBy(() -> ParameterEffect.of(comparison, null, Map.of(), List.of("test/medain")))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_SPEC))
                .hasMessage("no finished trial has the metric test/medain; did you mean 'test/median'?");
        SampleSweep none = new SampleSweep("pretrain", List.of(RECALL))
                .failed(point(1, 1), 7, "INTERNAL", "-")
                .failed(point(2, 1), 7, "INTERNAL", "-");
        assertThatThrownBy(
                        () -> ParameterEffect.of(none.view().comparison(), null, Map.of(), List.of("test/" + RECALL)))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_SPEC))
                .hasMessageContaining("none of these trials has finished");
    }

    @Test
    void aValueWithoutAFinishedTrialIsALevelWithoutNumbers() {
        SampleSweep sweep = queues().failed(point(1, 1), 7, "INTERNAL", "-");
        ParameterEffect effect =
                ParameterEffect.alone(sweep.view().comparison()).get(0);
        assertThat(effect.levels()).extracting(Level::value).containsExactly("1", "32", "256", "2048");
        assertThat(summary(effect, 0, "test/" + RECALL).n()).isZero();
        assertThat(summary(effect, 0, "test/" + RECALL).mean()).isNull();
    }

    @Test
    void parametersThatEndAlikeHaveFilesOfTheirOwn(@TempDir Path folder) {
        SampleSweep sweep = new SampleSweep("pretrain", List.of(RECALL));
        for (int image : new int[] {1, 2}) {
            for (int text : new int[] {3, 4}) {
                sweep.finished(
                        Map.of("image", Map.of("heads", image), "text", Map.of("heads", text)),
                        1,
                        0.5,
                        Map.of(RECALL, 0.1 * image * text));
            }
        }
        Comparison comparison = sweep.view().comparison();
        List<Path> files = new ArrayList<>();
        for (Map.Entry<String, Map<String, String>> asked : List.of(
                Map.entry("image.heads", Map.of("text.heads", "3")),
                Map.entry("text.heads", Map.of("image.heads", "1")))) {
            ParameterEffect effect =
                    ParameterEffect.of(comparison, asked.getKey(), asked.getValue(), List.of("test/" + RECALL));
            files.addAll(SweepFigures.draw(sweep.view(), effect, folder));
        }
        assertThat(files)
                .extracting(file -> file.getFileName().toString())
                .contains("effect-image.heads.md", "effect-text.heads.md")
                .doesNotHaveDuplicates();
    }

    private static ParameterEffect effect(@Nullable String path, Map<String, String> where) {
        return ParameterEffect.of(switches().view().comparison(), path, where, List.of("test/" + RECALL));
    }

    private static void assertRefused(@Nullable String path, Map<String, String> where, String... words) {
        assertThatThrownBy(() -> effect(path, where))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_SPEC))
                .hasMessageContainingAll(words);
    }

    @Test
    void theCurveAndItsTableAreWritten(@TempDir Path folder) throws IOException {
        SampleSweep sweep = queues();
        ParameterEffect effect =
                ParameterEffect.alone(sweep.view().comparison()).get(0);
        assertThat(SweepFigures.draw(sweep.view(), effect, folder))
                .extracting(file -> file.getFileName().toString())
                .containsExactly("effect-queueLength.png", "effect-queueLength.svg", "effect-queueLength.md");
        assertThat(Files.readString(folder.resolve("effect-queueLength.md")).lines())
                .contains(
                        "| `pretrain.queueLength` | trials | test/" + RECALL + ", % | test/median |",
                        "| 32 | 3 | 2.32 ± 1.00 | 32.00 ± 0.000 |");
        assertThat(Files.readString(folder.resolve("effect-queueLength.svg")))
                .contains(">queueLength, sweep sample-1<", ">256<", ">test/" + RECALL + "<");
        ParameterEffect words = effect("uniProjectors", Map.of("pooling", "max"));
        SweepFigures.draw(switches().view(), words, folder);
        assertThat(Files.readString(folder.resolve("effect-uniProjectors.svg"))).contains(">true<", ">false<");
        assertThat(Files.readString(folder.resolve("effect-uniProjectors.md")))
                .contains("over seeds, pooling max.", "| false | 1 | 10.00 |");
    }
}
