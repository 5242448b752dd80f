package perdura.grids.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import perdura.grids.codec.ReferenceNames;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.ObjectiveSpec;
import perdura.grids.spec.ParameterType;
import perdura.grids.spec.Parameters;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.ResourceSpec;
import perdura.grids.spec.SweepExpansion;
import perdura.grids.spec.SweepSpec;
import perdura.grids.spec.SweepSpec.BudgetSpec;
import perdura.grids.spec.SweepSpec.EarlyStoppingSpec;
import perdura.grids.spec.SweepSpec.RetrySpec;
import perdura.grids.spec.SweepSpec.StrategySpec;

class TestSweepReader {
    private static final String VALID = """
            apiVersion: perdura/v1
            kind: Sweep
            name: toy-1
            task: toy
            objective: {metric: auroc, goal: max}
            """;

    /** Every key of the language. */
    static final String EVERY_KEY = """
            apiVersion: perdura/v1
            kind: Sweep
            name: every-key
            experiment: toys
            task: toy
            base:
              optimizer: adamw
              clipNorm: 1.5
              model: {depth: 3}
            matrix:
              learningRate: {logRange: [1e-4, 1e-2, 3]}
              batchSize: {range: [16, 64, 16]}
              model.dim: {values: [32, 64], when: {batchSize: [16, 32]}}
              seeds: {from: 1, count: 2}
            axisOrder: [batchSize, model.dim, learningRate]
            include: [{learningRate: 0.5}]
            exclude: [{batchSize: 16, model: {dim: 64}}]
            constraints: [learningRate < 1.0]
            strategy: {kind: sobol, count: 10, seed: 5}
            objective: {metric: auroc, goal: max, split: validation, report: [loss]}
            earlyStopping: {kind: asha, minEpochs: 2, maxEpochs: 18, reduction: 3}
            resources: {device: 'cuda:0', threads: 2}
            retry: {attempts: 5, backoff: 2m}
            onFailure: fail-fast
            concurrency: 4
            priority: 2
            budget: {trials: 100, gpuHours: 2.5, wallTime: 1d}
            """;

    @TempDir
    Path folder;

    @Test
    void everyKeyIsRead() {
        SweepExpansion sweep = read(EVERY_KEY);
        SweepSpec spec = sweep.spec();
        assertThat(spec.name()).isEqualTo("every-key");
        assertThat(spec.experiment()).isEqualTo("toys");
        assertThat(spec.points().base().nested().toString())
                .isEqualTo("{clipNorm=1.5, model={depth=3}, optimizer=adamw}");
        assertThat(spec.points().axes().toString())
                .isEqualTo("[SweepAxis[path=batchSize, values=[16, 32, 48, 64], when={}],"
                        + " SweepAxis[path=model.dim, values=[32, 64], when={batchSize=[16, 32]}],"
                        + " SweepAxis[path=learningRate, values=[1.0E-4, 0.001, 0.01], when={}]]");
        assertThat(spec.points().seeds()).containsExactly(1L, 2L);
        assertThat(spec.points().include()).hasSize(1);
        assertThat(spec.points().exclude()).hasSize(1);
        assertThat(spec.points().constraints()).containsExactly("learningRate < 1.0");
        assertThat(spec.strategy()).isEqualTo(new StrategySpec.Sobol(10, 5));
        assertThat(spec.objective()).isEqualTo(new ObjectiveSpec("auroc", ObjectiveSpec.Goal.MAX, List.of("loss")));
        assertThat(spec.earlyStopping()).isEqualTo(new EarlyStoppingSpec.Asha(2, 18, 3));
        assertThat(spec.trials().resources()).isEqualTo(new ResourceSpec("cuda:0", 2));
        assertThat(spec.trials().retry()).isEqualTo(new RetrySpec(5, Duration.ofMinutes(2)));
        assertThat(spec.trials().onFailure()).isEqualTo(SweepSpec.OnFailure.FAIL_FAST);
        assertThat(spec.trials().concurrency()).isEqualTo(4);
        assertThat(spec.trials().priority()).isEqualTo(2);
        assertThat(spec.budget()).isEqualTo(new BudgetSpec(100L, 2.5, Duration.ofDays(1)));
        assertThat(sweep.matrixPoints()).isEqualTo(18);
        assertThat(sweep.countPoints()).isEqualTo(11);
    }

    @Test
    void whatIsLeftOutTakesItsDefault() {
        SweepSpec spec = read(VALID).spec();
        assertThat(spec.experiment()).isEqualTo("perdura");
        assertThat(spec.points().seeds()).containsExactly(114514L);
        assertThat(spec.strategy()).isEqualTo(new StrategySpec.Grid());
        assertThat(spec.objective().report()).containsExactly("auroc");
        assertThat(spec.earlyStopping()).isEqualTo(new EarlyStoppingSpec.None());
        assertThat(spec.trials().resources()).isEqualTo(new ResourceSpec("auto", 0));
        assertThat(spec.trials().retry()).isEqualTo(new RetrySpec(3, Duration.ofSeconds(10)));
        assertThat(spec.trials().onFailure()).isEqualTo(SweepSpec.OnFailure.KEEP_GOING);
        assertThat(spec.trials().concurrency()).isZero();
        assertThat(spec.trials().priority()).isEqualTo(3);
        assertThat(spec.budget()).isEqualTo(new BudgetSpec(null, null, null));
        assertThat(read(VALID + "earlyStopping: {kind: asha}\n").spec().earlyStopping())
                .isEqualTo(new EarlyStoppingSpec.Asha(1, null, 3));
        assertThat(read(VALID + "earlyStopping: {kind: median}\n").spec().earlyStopping())
                .isEqualTo(new EarlyStoppingSpec.Median(1, 5));
    }

    @Test
    void aSweepWithoutAxesIsOnePoint() {
        assertThat(points(VALID)).hasSize(1);
        assertThat(points(VALID + "include: [{batchSize: 1}, {batchSize: 2}]\n"))
                .hasSize(2);
    }

    @Test
    void rangesAreExactInDecimals() {
        assertThat(values("{range: [0.1, 0.7, 0.1]}", "learningRate"))
                .containsExactly(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7);
        assertThat(values("{range: [1, 8, 3]}", "batchSize")).containsExactly(1L, 4L, 7L);
        assertThat(values("{range: [8, 1, -3]}", "batchSize")).containsExactly(8L, 5L, 2L);
        assertThat(values("{range: [3, 3, 1]}", "batchSize")).containsExactly(3L);
    }

    /** numpy.geomspace(2e-5, 3e-2, 4) and numpy.geomspace(1e-6, 1e-3, 4). */
    @Test
    void logRangesHaveEqualRatios() {
        List<Object> values = values("{logRange: [2e-5, 3e-2, 4]}", "learningRate");
        double[] expected = {2e-05, 0.0002289428485106666, 0.0026207413942088984, 3e-02};
        for (int i = 0; i < expected.length; i++) {
            assertThat((Double) values.get(i)).isCloseTo(expected[i], within(expected[i] * 1e-11));
        }
        assertThat(values("{logRange: [1e-6, 1e-3, 4]}", "learningRate")).containsExactly(1e-6, 1e-5, 1e-4, 1e-3);
        assertThat(values("{logRange: [16, 1024, 4]}", "batchSize")).containsExactly(16L, 64L, 256L, 1024L);
    }

    @Test
    void pathsMayBeWrittenWithDotsOrAsMappings() {
        assertThat(read(VALID + "matrix: {model: {dim: [1, 2]}}\n").spec())
                .isEqualTo(read(VALID + "matrix: {model.dim: [1, 2]}\n").spec());
        assertThat(read(VALID + "base: {model: {dim: 3}}\n").spec())
                .isEqualTo(read(VALID + "base: {model.dim: 3}\n").spec());
    }

    @Test
    void flagsWinOverTheFile() {
        String text = VALID + "matrix: {model.dim: [1, 2], batchSize: [1]}\nbase: {model.depth: 4}\n";
        SweepSpec spec = read(text, "matrix.model.dim=[3]", "base.model.depth=5", "priority=1", "matrix.seeds=[7]")
                .spec();
        assertThat(spec.points().axes().get(0).values()).containsExactly(3L);
        assertThat(spec.points().base().value("model.depth")).isEqualTo(5L);
        assertThat(spec.trials().priority()).isEqualTo(1);
        assertThat(spec.points().seeds()).containsExactly(7L);
    }

    @Test
    void anAxisTakesPartWhereItsConditionHolds() {
        String text = VALID + """
                base: {momentum: 0.5}
                matrix:
                  optimizer: [sgd, adam]
                  momentum: {values: [0.8, 0.9], when: {optimizer: sgd}}
                """;
        assertThat(points(text).stream().map(p -> p.value("optimizer") + " " + p.value("momentum")))
                .containsExactly("sgd 0.8", "sgd 0.9", "adam 0.5");
    }

    @Test
    void constraintsAndExclusionsLeavePointsOut() {
        String text = VALID + """
                matrix:
                  batchSize: [16, 32, 64]
                  model.dim: [32, 64]
                  clipNorm: [null, 1]
                exclude:
                  - {batchSize: 64, model.dim: 64}
                constraints:
                  - batchSize + model.dim <= 96
                  - clipNorm == null || batchSize == 16
                  - "!augment && size(model.blocks) == 2 && optimizer in ['adam', 'sgd']"
                """;
        assertThat(points(text).stream()
                        .map(p -> p.value("batchSize") + " " + p.value("model.dim") + " " + p.value("clipNorm")))
                .containsExactly(
                        "16 32 null", "16 32 1.0", "16 64 null", "16 64 1.0", "32 32 null", "32 64 null", "64 32 null");
    }

    @Test
    void tenMistakesAreTenProblemsInReadingOrder() {
        assertThat(problems("""
                        apiVersion: perdura/v1
                        kind: Sweep
                        name: toy-1
                        task: toy
                        base:
                          modle.dim: 3
                        matrix:
                          learningRate: []
                          batchSize: [16, 32, 16]
                          model.depth: {range: [1, 5, -1]}
                          momentum: {values: [0.9], when: {optimiser: sgd}}
                          optimizer: [sgd, adma]
                        constraints:
                          - model.dim <
                          - model.dim > 1000
                        objective: {metric: acc, goal: max}
                        concurency: 4
                        """))
                .containsExactly(
                        "grid.yaml:6:3: base.modle.dim: is no parameter of toy; did you mean 'model.dim'?",
                        "grid.yaml:8:17: matrix.learningRate: is empty; give at least one value, or leave the axis out",
                        "grid.yaml:9:23: matrix.batchSize[2]: comes twice, first at grid.yaml:9:15; keep one",
                        "grid.yaml:10:24: matrix.model.depth.range: never ends: steps of -1 do not lead from 1 to 5",
                        "grid.yaml:11:36: matrix.momentum.when.optimiser: is no axis; did you mean 'optimizer'?",
                        "grid.yaml:12:20: matrix.optimizer[1]: is adma; did you mean 'adam'?",
                        "grid.yaml:14:5: constraints[0]: 'model.dim <' is no expression:"
                                + " mismatched input end at character 12",
                        "grid.yaml:15:5: constraints[1]: 'model.dim > 1000' holds at no point, so that nothing would run;"
                                + " loosen it",
                        "grid.yaml:16:21: objective.metric: expected one of auroc, loss, was acc",
                        "grid.yaml:17:1: concurency: unknown key; did you mean 'concurrency'?");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "base: 3|base: expected a mapping of keys to values, was 3",
                "base: {batchSize: '32'}|base.batchSize: expected an integer, was the text \"32\"",
                "base: {batchSize: 0}|base.batchSize: must be >= 1, was 0",
                "base: {learningRate: 0}|base.learningRate: must be > 0, was 0",
                "base: {learningRate: .nan}|base.learningRate: expected a number, was .nan",
                "base: {learningRate: 1e999}|base.learningRate: must be > 0, was 1e999",
                "base: {learningRate: ~}|base.learningRate: expected a number, was nothing",
                "base: {augment: yes}|base.augment: expected true or false, was yes",
                "base: {optimizer: lamb}|base.optimizer: expected one of sgd, adam, adamw, was lamb",
                "base: {encoder: ''}|base.encoder: expected the name or the digest of a pre-training or imported weights, was the text",
                "base: {encoder: \"a\\nb\"}|base.encoder: expected the name or the digest of a pre-training",
                "axisOrder: [[1]]|axisOrder[0]: expected an axis, was a list",
                "base: {model: 3}|base.model: expected a mapping of keys to values, was 3",
                "base: {model: {dimm: 3}}|base.model.dimm: is no parameter of toy; did you mean 'model.dim'?",
                "base: {model.blocks: [1]}|base.model.blocks: expected a list of 2 to 4 values, each an integer, has 1",
                "base: {model.blocks: [1, x]}|base.model.blocks[1]: expected an integer, was x",
                "base: {model.dim: 1, model: {dim: 2}}|base.model.dim: comes twice, first at ",
                "matrix: {seeds: []}|matrix.seeds: is empty",
                "matrix: {seeds: [1, 1]}|matrix.seeds[1]: comes twice, first at ",
                "matrix: {seeds: [-1]}|matrix.seeds[0]: must be >= 0, was -1",
                "matrix: {seeds: 5}|matrix.seeds: expected a list of integers, or {from: 114514, count: 5}, was 5",
                "matrix: {seeds: {from: 1, count: 0}}|matrix.seeds.count: must be >= 1, was 0",
                "matrix: {seeds: {from: 1, count: 2, cuont: 2}}|matrix.seeds.cuont: unknown key; did you mean 'count'?",
                "matrix: {batchSize: 3}|matrix.batchSize: expected a list of values, or a mapping with one of values",
                "matrix: {batchSize: {}}|matrix.batchSize: has no values; expected a list of values",
                "matrix: {batchSize: {values: [1], range: [1, 2, 1]}}|matrix.batchSize.range: can't stand beside matrix.batchSize.values",
                "matrix: {batchSize: {rnage: [1, 2, 1]}}|matrix.batchSize.rnage: unknown key; did you mean 'range'?",
                "matrix: {batchSize: {range: [1, 2, 0]}}|matrix.batchSize.range: never ends: steps of 0",
                "matrix: {batchSize: {range: [1, 2]}}|matrix.batchSize.range: expected three numbers [from, to, step], was a list",
                "matrix: {batchSize: {range: [1, 2, x]}}|matrix.batchSize.range: expected three numbers",
                "matrix: {batchSize: {range: [1, 2, 0.5]}}|matrix.batchSize.range: must give integers, gives 1.5",
                "matrix: {batchSize: {range: [0, 2, 1]}}|matrix.batchSize.range: must be from 1 to 1048576, was 0",
                "matrix: {learningRate: {range: [1, 2, 1e-300]}}|matrix.learningRate.range: has more than 1000000 values",
                "matrix: {optimizer: {range: [1, 2, 1]}}|matrix.optimizer.range: a range is for numbers, and optimizer has none",
                "matrix: {learningRate: {logRange: [0, 1, 3]}}|matrix.learningRate.logRange: both ends of a logRange must be > 0",
                "matrix: {learningRate: {logRange: [1, 2, 1]}}|matrix.learningRate.logRange: the count of a logRange must be an integer from 2",
                "matrix: {learningRate: {logRange: [1, 1, 2]}}|matrix.learningRate.logRange: gives 1.0 twice",
                "matrix: {batchSize: {logRange: [1, 3, 9]}}|matrix.batchSize.logRange: gives 1 twice; use fewer steps",
                "matrix: {learningRate: [1, 1.0]}|matrix.learningRate[1]: comes twice, first at ",
                "matrix: {lerningRate: [1]}|matrix.lerningRate: is no parameter of toy; did you mean 'learningRate'?",
                "matrix: {batchSize: [1], model.dim: {values: [1], when: 3}}|matrix.model.dim.when: expected a mapping of an axis to a value",
                "matrix: {batchSize: [1], model.dim: {values: [1], when: {batchSize: 2}}}|matrix.model.dim.when.batchSize: is 2, which the axis batchSize never is",
                "matrix: {batchSize: [1], model.dim: {values: [1], when: {batchSize: []}}}|matrix.model.dim.when.batchSize: is empty",
                "matrix: {batchSize: [1, 2], model.dim: {values: [1], when: {batchSize: [1, 1]}}}|matrix.model.dim.when.batchSize: has 1 twice; keep one",
                "matrix: {batchSize: [1], model.dim: {values: [1], when: {augment: true}}}|matrix.model.dim.when.augment: is no axis; known are batchSize, model.dim",
                "matrix: {batchSize: {values: [1], when: {batchSize: 1}}}|matrix.batchSize.when: goes in a circle",
                "matrix: {batchSize: {values: [1], when: {model.dim: 1}}, model.dim: {values: [1], when: {batchSize: 1}}}|matrix.batchSize.when: goes in a circle",
                "matrix: {batchSize: {range: [1, 1000, 1]}, model.dim: {range: [1, 1001, 1]}}|matrix: makes 1001000 points with 1 seed each, over 1000000 trials",
                "matrix: {batchSize: {range: [1, 10001, 1]}, seeds: {from: 1, count: 100}}|matrix: makes 10001 points with 100 seeds each, over 1000000 trials",
                "axisOrder: [batchSize]|axisOrder[0]: is batchSize, which is no axis",
                "include: 3|include: expected a list of mappings of parameters to values, was 3",
                "include: [3]|include[0]: expected a mapping of parameters to values, was 3",
                "include: [{batchsize: 3}]|include[0].batchsize: is no parameter of toy; did you mean 'batchSize'?",
                "include: [{batchSize: 3}, {batchSize: 3, momentum: 0}]|include[1]: is the same point as include[0]; keep one",
                "exclude: [{batchSize: 3}]|exclude[0].batchSize: is no axis; there is none",
                "constraints: batchSize > 1|constraints: expected a list of CEL expressions, was batchSize > 1",
                "constraints: [[1]]|constraints[0]: expected a CEL expression like \"batchSize <= 64\", was a list",
                "constraints: [batchSize]|constraints[0]: 'batchSize' is neither true nor false; compare it with something",
                "constraints: [batchsize > 1]|constraints[0]: 'batchsize > 1' does not compile: there is no parameter 'batchsize'; did you mean 'batchSize'?",
                "constraints: [model.dmi > 1]|constraints[0]: 'model.dmi > 1' does not compile: there is no parameter 'model.dmi'; did you mean 'model.dim'?",
                "constraints: [learningRate < 1]|constraints[0]: 'learningRate < 1' does not compile: found no matching overload for '_<_' applied to '(double, int)' at character 14; write 1.0",
                "constraints: [1 / (batchSize - 32) > 0]|constraints[0]: '1 / (batchSize - 32) > 0' has no value at {augment=false",
                "constraints: [batchSize > 64]|constraints[0]: 'batchSize > 64' holds at no point",
                "constraints: ['']|constraints[0]: '' is no expression: it is empty",
                "strategy: {kind: grid, count: 3}|strategy.count: means nothing where strategy.kind is grid; leave it out",
                "strategy: {kind: random}|strategy.count: is missing; expected an integer",
                "strategy: {kind: random, count: 3}|strategy.count: must be <= the 1 points of the matrix, was 3",
                "strategy: {kind: bayes}|strategy.kind: expected one of grid, random, sobol, was bayes",
                "strategy: {knid: grid}|strategy.knid: unknown key; did you mean 'kind'?",
                "earlyStopping: {kind: none, minEpochs: 3}|earlyStopping.minEpochs: means nothing where earlyStopping.kind is none",
                "earlyStopping: {kind: median, reduction: 3}|earlyStopping.reduction: means nothing where earlyStopping.kind is median",
                "earlyStopping: {kind: asha, reduction: 1}|earlyStopping.reduction: must be >= 2, was 1",
                "earlyStopping: {kind: asha, minEpochs: 4, maxEpochs: 4}|earlyStopping.maxEpochs: must be > minEpochs = 4, was 4",
                "resources: {device: gpu}|resources.device: expected auto, cpu or cuda:N, was gpu",
                "retry: {attempts: 0}|retry.attempts: must be >= 1, was 0",
                "retry: {backoff: soon}|retry.backoff: expected a duration like 500ms, 60s, 5m or 2h, was soon",
                "onFailure: stop|onFailure: expected one of keep-going, fail-fast, was stop",
                "concurrency: 0|concurrency: must be >= 1, was 0",
                "priority: 6|priority: must be <= 5, was 6",
                "budget: {trials: 0}|budget.trials: must be >= 1, was 0",
                "budget: {gpuHours: 0}|budget.gpuHours: must be > 0, was 0",
                "budget: {wallTime: 0s}|budget.wallTime: must be longer than nothing",
                "budget: {gpuhours: 1}|budget.gpuhours: unknown key; did you mean 'gpuHours'?",
            })
    void aWrongValueIsDescribed(String line, String message) {
        assertThat(problems(VALID + line + "\n"))
                .singleElement()
                .asString()
                .startsWith("grid.yaml:6:")
                .contains(": " + message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "task: toy|task: tyo|task: there is no task 'tyo'; did you mean 'toy'?",
                "task: toy|task: segmentation-of-lungs|task: there is no task 'segmentation-of-lungs'; known are ",
                "name: toy-1|name: Toy 1|name: expected a letter and then at most 59 of a-z, 0-9 and '-', was Toy 1",
                "kind: Sweep|kind: Pretrain|kind: expected Sweep, was Pretrain",
                "metric: auroc|metric: aurc|objective.metric: is aurc; did you mean 'auroc'?",
                "goal: max|goal: up|objective.goal: expected one of max, min, was up",
                "goal: max|goal: max, split: test|objective.split: expected validation, was test",
                "goal: max|goal: max, report: [acc]|objective.report[0]: expected one of auroc, loss, was acc",
                "metric: auroc, goal: max|goal: max|objective.metric: is missing; expected one of auroc, loss",
                "metric: auroc, goal: max|metric: auroc|objective.goal: is missing; expected one of max, min",
            })
    void aWrongHeadIsDescribed(String right, String wrong, String message) {
        assertThat(problems(VALID.replace(right, wrong)))
                .singleElement()
                .asString()
                .startsWith("grid.yaml:")
                .contains(": " + message);
    }

    @Test
    void whatATaskNeedsMustBeGiven() {
        String text = VALID.replace("task: toy", "task: linear-probe");
        assertThat(problems(text))
                .containsExactly("grid.yaml:1:1: base.dataset: is missing; linear-probe needs it, here or as an axis");
        assertThat(problems(text + "include: [{epochs: 3}, {dataset: rsna}]\n"))
                .containsExactly("grid.yaml:6:11: include[0].dataset: is missing, and the base lacks it too");
        assertThat(points(text + "matrix: {dataset: [rsna, siim]}\n")).hasSize(2);
        assertThat(points(text + "base: {dataset: rsna}\n")).hasSize(1);
    }

    @Test
    void pointsThatAreLeftOutAndIncludedOnesMustFit() {
        String axes = VALID + "matrix: {batchSize: [1, 2]}\n";
        assertThat(problems(axes + "exclude: [{batchSize: 1}, {batchSize: 2}]\n"))
                .containsExactly("grid.yaml:6:9: matrix: exclude and constraints leave none of 2 points; loosen them");
        assertThat(problems(axes + "exclude: [{batchSize: 3}]\n"))
                .containsExactly("grid.yaml:7:23: exclude[0].batchSize: is 3, which the axis batchSize never is");
        assertThat(problems(axes + "exclude: [{}]\n"))
                .containsExactly("grid.yaml:7:11: exclude[0]: is empty, which would leave every point out");
        assertThat(problems(axes + "include: [{batchSize: 2}]\n"))
                .containsExactly("grid.yaml:7:11: include[0]: is a point of the matrix already; leave it out");
        assertThat(points(axes + "include: [{batchSize: 2}]\nexclude: [{batchSize: 2}]\n"))
                .hasSize(2);
        assertThat(problems(axes + "include: [{batchSize: 9}]\nconstraints: [batchSize < 5]\n"))
                .containsExactly("grid.yaml:7:11: include[0]: breaks constraints[0]: 'batchSize < 5'");
        assertThat(problems(axes + "strategy: {kind: random, count: 2}\nexclude: [{batchSize: 1}]\n"))
                .singleElement()
                .asString()
                .startsWith("grid.yaml:7:33: strategy.count: must be <= 1, as exclude and constraints leave");
        assertThat(problems(axes + "constraints: [batchSize < 2, batchSize > 1]\n"))
                .containsExactly("grid.yaml:6:9: matrix: exclude and constraints leave none of 2 points; loosen them");
    }

    @Test
    void moreThanAMillionTrialsNeedToBeAllowed() {
        String text = VALID + "matrix: {batchSize: {range: [1, 1000, 1]}, model.dim: {range: [1, 1001, 1]}}\n";
        assertThat(problems(text)).hasSize(1);
        assertThat(SweepReader.read("grid.yaml", text, List.of(), KnownTasks.ALL, ReferenceNames.unchecked(), 1_001_000)
                        .countPoints())
                .isEqualTo(1_001_000);
        String greater = VALID + "matrix: {"
                + "batchSize: {range: [1, 1000000, 1]}, model.dim: {range: [1, 1000000, 1]},"
                + " model.depth: {range: [1, 1000000, 1]}, augment: [true, false], optimizer: [sgd, adam],"
                + " clipNorm: [1, 2]}\n";
        assertThat(problems(greater))
                .containsExactly("grid.yaml:6:9: matrix: has more than 2^62 points; take fewer axes or values");
    }

    @Test
    void theOrderOfAxesIsWhole() {
        String axes = VALID + "matrix: {batchSize: [1, 2], model.dim: [3, 4]}\n";
        assertThat(points(axes + "axisOrder: [model.dim, batchSize]\n").stream()
                        .map(point -> point.value("model.dim") + " " + point.value("batchSize")))
                .containsExactly("3 1", "3 2", "4 1", "4 2");
        assertThat(problems(axes + "axisOrder: [model.dim]\n"))
                .containsExactly("grid.yaml:7:12: axisOrder: must name every axis, lacks batchSize");
        assertThat(problems(axes + "axisOrder: [model.dim, model.dim, batchsize]\n"))
                .containsExactly(
                        "grid.yaml:7:12: axisOrder: must name every axis, lacks batchSize",
                        "grid.yaml:7:24: axisOrder[1]: comes twice; keep one",
                        "grid.yaml:7:35: axisOrder[2]: is batchsize, which is no axis; did you mean 'batchSize'?");
    }

    @Test
    void aConstraintMayBeAnythingButACrash() {
        for (String text : List.of(
                "(".repeat(900) + "1 == 1" + ")".repeat(900),
                "(".repeat(4900) + "1 == 1" + ")".repeat(4900),
                "!".repeat(1900) + "true",
                "[".repeat(900) + "]".repeat(900) + " == []",
                "-".repeat(5000) + "1 == 1",
                "1 + ".repeat(2400) + "1 > 0",
                "true ? ".repeat(700) + "true" + " : true".repeat(700),
                "batchSize.all(x, x > 1)",
                "'\\u12' == 'x'",
                "b'abc' == 'x'",
                "9223372036854775808 > batchSize",
                "[1, 2].all(i, [1, 2].exists(j, i == j))",
                "learningRate / 0.0 > 1.0",
                "batchSize % 0 == 1",
                "9223372036854775807 + batchSize > 0",
                "timestamp('x') == timestamp('y')",
                "optimizer.matches('(((')",
                "{'a': 1}['b'] == 1",
                "model.blocks[9] == 1",
                "type(batchSize) == int",
                "x.y.z",
                "\u0000 == 1")) {
            try {
                read(VALID + "constraints:\n  - |-\n    " + text + "\n");
            } catch (PerduraException e) {
                assertThat(e.code()).isEqualTo(ErrorCode.INVALID_SPEC);
            }
        }
    }

    @Test
    void anUnknownReferenceIsNamed() {
        ReferenceNames names = new ReferenceNames() {
            @Override
            public Optional<String> findDigest(ParameterType.Reference.Kind kind, String name) {
                return Optional.of(name).filter(known(kind)::contains);
            }

            @Override
            public Collection<String> known(ParameterType.Reference.Kind kind) {
                return kind == ParameterType.Reference.Kind.DATASET ? List.of("rsna", "siim") : List.of();
            }
        };
        String text = VALID.replace("task: toy", "task: linear-probe")
                + "base: {encoder: prior-7}\nmatrix: {dataset: [rsna, simm]}\n";
        assertThatThrownBy(() -> SweepReader.read("grid.yaml", text, List.of(), KnownTasks.ALL, names, 100))
                .hasMessage(
                        "grid.yaml:6:17: base.encoder: there is no pre-training and there are no weights 'prior-7'; there is none\n"
                                + "grid.yaml:7:26: matrix.dataset[1]: there is no ingested data set 'simm'; did you mean 'siim'?");
    }

    @Test
    void aFileIsRead() throws IOException {
        Path file = Files.writeString(folder.resolve("grid.yaml"), VALID);
        assertThat(SweepReader.read(
                                file, List.of(), KnownTasks.ALL, ReferenceNames.unchecked(), SweepReader.MOST_TRIALS)
                        .spec())
                .isEqualTo(read(VALID).spec());
        assertThatThrownBy(() -> SweepReader.read(
                        folder.resolve("none.yaml"), List.of(), KnownTasks.ALL, ReferenceNames.unchecked(), 1))
                .hasMessageEndingWith("none.yaml: no such file");
    }

    @Test
    void aParameterThatHasMovedIsNamed() {
        String text = VALID.replace("task: toy", "task: pretrain")
                + "base: {dataset: a, downstream.dataset: b, pretrain: {tau: 0.1}}\n";
        assertThat(problems(text))
                .containsExactly("grid.yaml:6:54: base.pretrain.tau: is no parameter of pretrain;"
                        + " did you mean 'pretrain.model.tau'?");
    }

    @Test
    void aFlagsMistakeIsToldAtTheFlag() {
        assertThat(problems(VALID, "base.batchSize=none", "matrix.modle.dim=[1]"))
                .containsExactly(
                        "--set base.batchSize=none: base.batchSize: expected an integer, was none",
                        "--set matrix.modle.dim=[1]: matrix.modle: is no parameter of toy; known are "
                                + String.join(", ", KnownTasks.TOY.paths()));
    }

    @Test
    void whateverIsWrittenIsReadOrRefused() {
        List<String> odd = List.of(
                "3",
                "-1",
                "1e400",
                "nonsense",
                "''",
                "~",
                "[]",
                "{}",
                "[[1]]",
                "{a: 1}",
                "[~]",
                ".inf",
                "2020-01-01",
                "!x y");
        Matcher word = Pattern.compile("[\\w./:-]+|\\[[^\\]]*]|\\{[^{}]*}").matcher(EVERY_KEY);
        int refused = 0;
        while (word.find()) {
            for (String value : odd) {
                try {
                    read(EVERY_KEY.substring(0, word.start()) + value + EVERY_KEY.substring(word.end()));
                } catch (PerduraException e) {
                    assertThat(e.code()).isEqualTo(ErrorCode.INVALID_SPEC);
                    refused++;
                }
            }
        }
        assertThat(refused).isGreaterThan(500);
    }

    private static List<Object> values(String axis, String path) {
        return new ArrayList<>(read(VALID + "matrix: {" + path + ": " + axis + "}\n")
                .spec()
                .points()
                .axes()
                .get(0)
                .values());
    }

    private static List<Parameters> points(String text) {
        List<Parameters> points = new ArrayList<>();
        read(text).points().forEachRemaining(points::add);
        return points;
    }

    static SweepExpansion read(String text, String... settings) {
        return SweepReader.read(
                "grid.yaml",
                text,
                List.of(settings),
                KnownTasks.ALL,
                ReferenceNames.unchecked(),
                SweepReader.MOST_TRIALS);
    }

    private static List<String> problems(String text, String... settings) {
        List<String> lines = new ArrayList<>();
        assertThatThrownBy(() -> read(text, settings))
                .asInstanceOf(type(PerduraException.class))
                .satisfies(e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.INVALID_SPEC);
                    lines.addAll(List.of(Objects.requireNonNull(e.getMessage()).split("\n")));
                });
        return lines;
    }
}
