package perdura.training.methods.prior.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import perdura.grids.codec.ReferenceNames;
import perdura.grids.read.PretrainSpecs;
import perdura.grids.spec.DataSpec;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.ParameterType;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.PretrainSpec.AirflowSpec;
import perdura.grids.spec.PretrainSpec.InitialWeightsSpec;
import perdura.grids.spec.PretrainSpec.ResumeSpec;
import perdura.training.method.Methods;

class TestSpecReader {
    private static final PretrainSpecs SPECS = Methods.load().specs();
    private static final String VALID = """
            apiVersion: perdura/v1
            kind: Pretrain
            name: tiny-1
            method: prior
            profile: tiny
            data:
              root: data
            """;

    @TempDir
    Path folder;

    @BeforeEach
    void makeData() throws IOException {
        Files.createFile(Files.createDirectory(folder.resolve("data")).resolve("vocab.txt"));
    }

    @Test
    void aFileIsLaidOverTheDefaultsOfItsProfile() {
        PretrainSpec spec = read(VALID + """
                        seed: 7
                        experiment: quickstart
                        model: {dim: 32, gather: mean}
                        stages:
                          - {epochs: 3, learningRate: 2e-3}
                        commit: {every: 5m, everySteps: 10}
                        resources: {device: 'cuda:1', threads: 2}
                        resume: {environment: refuse}
                        optimizer: {clipNorm: 1.0}
                        """);
        assertThat(spec.seed()).isEqualTo(7);
        assertThat(PriorSpec.of(spec).model().dim()).isEqualTo(32);
        assertThat(PriorSpec.of(spec).model().imageSize()).isEqualTo(64);
        assertThat(PriorSpec.of(spec).stages()).singleElement().satisfies(stage -> {
            assertThat(stage.stage()).isEqualTo(1);
            assertThat(stage.epochs()).isEqualTo(3);
            assertThat(stage.learningRate()).isEqualTo(2e-3);
            assertThat(stage.warmupSteps()).isEqualTo(30);
        });
        assertThat(spec.execution().commit().every()).isEqualTo(Duration.ofMinutes(5));
        assertThat(spec.execution().commit().everySteps()).isEqualTo(10);
        assertThat(spec.execution().resources().device()).isEqualTo("cuda:1");
        assertThat(spec.execution().resources().threads()).isEqualTo(2);
        assertThat(spec.execution().resume().environment()).isEqualTo(ResumeSpec.Environment.REFUSE);
        assertThat(spec.optimizer().clipNorm()).isEqualTo(1.0);
        DataSpec.Source source = Objects.requireNonNull(spec.data().source());
        assertThat(source.root()).isEqualTo(folder.resolve("data"));
        assertThat(source.vocabulary()).isEqualTo(folder.resolve("data/vocab.txt"));
    }

    @Test
    void aDagKeepsItsConfInTheOrderOfTheFile() {
        AirflowSpec airflow =
                Objects.requireNonNull(read(VALID + """
                        prepare:
                          airflow:
                            dag: ingest.mimic_v2
                            conf: {root: /data, n: 3, share: 1.5, whole: 2.0, dry: false, nothing: ~, day: 2026-11-25,
                                   'no': 'yes', deep: {list: [1, [x]], empty: {}}}
                        """).execution().prepare().airflow());
        assertThat(airflow.dag()).isEqualTo("ingest.mimic_v2");
        assertThat(airflow.conf().toString())
                .isEqualTo("{root=/data, n=3, share=1.5, whole=2, dry=false, nothing=null, day=2026-11-25, no=yes,"
                        + " deep={list=[1, [x]], empty={}}}");
        assertThat(airflow.conf())
                .containsEntry("n", 3L)
                .containsEntry("share", 1.5)
                .containsEntry("dry", false);
    }

    @Test
    void dataThatADagBringsNeedNotBeThereYet() {
        String spec = VALID.replace("root: data", "root: not-yet");
        DataSpec.Source source = Objects.requireNonNull(
                read(spec + "prepare: {airflow: {dag: ingest}}\n").data().source());
        assertThat(source.root()).isEqualTo(folder.resolve("not-yet"));
        assertThat(read(spec, "prepare.airflow.dag=ingest", "prepare.airflow.conf.n=3")
                        .execution()
                        .prepare()
                        .airflow())
                .isEqualTo(new AirflowSpec("ingest", Map.of("n", 3L)));
        assertThat(problems(spec)).singleElement().asString().contains("data.root: no folder ");
    }

    @Test
    void aMappingWithoutKeysMeansItsDefaults() {
        assertThat(read(VALID + "model:\n")).isEqualTo(read(VALID));
    }

    @Test
    void writingADefaultOutChangesNothing() {
        assertThat(read(VALID + "batchSize: 32\nmodel: {dropout: 0.0, tau: 7e-2}\ncommit: {every: PT1M}\n"))
                .isEqualTo(read(VALID));
    }

    @Test
    void flagsWinOverTheFile() {
        PretrainSpec spec = read(
                VALID,
                "model.dim=32",
                "stages.0.epochs=2",
                "profile=paper",
                "model.sentencePoolHeads=4",
                "model.decoderHeads=4",
                "optimizer.clipNorm=0.5",
                "optimizer.clipNorm=null",
                "data.root=" + folder.resolve("data"));
        assertThat(PriorSpec.of(spec).model().dim()).isEqualTo(32);
        assertThat(spec.profile()).isEqualTo("paper");
        assertThat(PriorSpec.of(spec).model().imageSize()).isEqualTo(224);
        assertThat(PriorSpec.of(spec).stages().get(0).epochs()).isEqualTo(2);
        assertThat(spec.optimizer().clipNorm()).isNull();
    }

    @Test
    void allProblemsAreToldAtOnceInReadingOrder() {
        assertThat(problems("""
                        apiVersion: perdura/v1
                        kind: Pretrain
                        name: tiny-1
                        method: prior
                        profile: tiny
                        data:
                          root: data
                          vocabulry: vocab.txt
                        batchSize: many
                        model:
                          imageSize: 65
                          bertHeads: 7
                          resnetBlocks: [1, 1, 1]
                        commit: {every: soon, keep: 1}
                        resources: {device: gpu}
                        """, "modle.dim=3", "seed=-1"))
                .containsExactly(
                        "spec.yaml:8:3: data.vocabulry: unknown key; did you mean 'vocabulary'?",
                        "spec.yaml:9:12: batchSize: expected an integer, was many",
                        "spec.yaml:11:14: model.imageSize: must be a multiple of 32, was 65",
                        "spec.yaml:12:14: model.bertHeads: must divide bertHidden = 64, was 7",
                        "spec.yaml:13:17: model.resnetBlocks: expected a list of 4 values, each an integer, has 3",
                        "spec.yaml:14:17: commit.every: expected a duration like 500ms, 60s, 5m or 2h, was soon",
                        "spec.yaml:14:29: commit.keep: must be >= 2, was 1",
                        "spec.yaml:15:21: resources.device: expected auto, cpu or cuda:N, was gpu",
                        "--set seed=-1: seed: must be >= 0, was -1",
                        "--set modle.dim=3: modle: unknown key; did you mean 'model'?");
    }

    @Test
    void anIngestedDataSetTakesThePlaceOfFiles() {
        String spec = VALID.replace("root: data", "dataset: mimic-cxr-prior");
        assertThat(read(spec).data()).isEqualTo(DataSpec.ingested("mimic-cxr-prior", DataSpec.Split.TRAIN));
        assertThat(problems(spec + "  root: data\n  minSentences: 2\n"))
                .containsExactly(
                        "spec.yaml:8:9: data.root: can't stand beside data.dataset; leave one of the two out",
                        "spec.yaml:9:17: data.minSentences: can't stand beside data.dataset; leave one of the two out");
        assertThat(problems(VALID.replace("root: data", "dataset: No Such")))
                .containsExactly(
                        "spec.yaml:7:12: data.dataset: expected the name or the digest of an ingested data set,"
                                + " was No Such");
    }

    @Test
    void whatMustBeThereIsNamed() {
        assertThat(problems("kind: Pretrain\n"))
                .containsExactly(
                        "spec.yaml:1:1: method: is missing; expected one of " + methods(),
                        "spec.yaml:1:1: profile: is missing; expected one of tiny, small, paper",
                        "spec.yaml:1:1: apiVersion: is missing; expected perdura/v1",
                        "spec.yaml:1:1: name: is missing; expected a letter and then at most 59 of a-z, 0-9 and '-'",
                        "spec.yaml:1:1: data.root: is missing; expected a path");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "batchSize: 1|batchSize: must be >= 2, was 1",
                "batchSize: '32'|batchSize: expected an integer, was the text \"32\"",
                "batchSize: 3.5|batchSize: expected an integer, was 3.5",
                "batchSize: 99999999999999999999|batchSize: expected an integer, was 99999999999999999999",
                "batchSize: [32]|batchSize: expected an integer, was a list",
                "batchSize:|batchSize: expected an integer, was nothing",
                "batchSize: 032|batchSize: expected an integer, was 032",
                "microBatchSize: 5|microBatchSize: must divide batchSize = 32 and be below it, was 5; 4 does; null takes the whole batch",
                "microBatchSize: 32|microBatchSize: must divide batchSize = 32 and be below it, was 32; 16 does",
                "microBatchSize: 64|microBatchSize: must divide batchSize = 32 and be below it, was 64; 16 does",
                "microBatchSize: 1|microBatchSize: must be >= 2, was 1",
                "microBatchSize: all|microBatchSize: expected an integer, was all",
                "seed: 9007199254740992|seed: must be <= 9007199254740991, was 9007199254740992",
                "model: 3|model: expected a mapping of keys to values, was 3",
                "model: {dropout: 1}|model.dropout: must be >= 0 and < 1, was 1",
                "model: {tau: 0}|model.tau: must be > 0 and <= 1, was 0",
                "model: {tau: .nan}|model.tau: expected a number, was .nan",
                "model: {gather: atention}|model.gather: is atention; did you mean 'attention'?",
                "model: {gather: max}|model.gather: expected one of attention, mean, was max",
                "model: {globalTextProjection: yes}|model.globalTextProjection: expected true or false, was yes",
                "model: {textLength: 65}|model.textLength: must be <= bertPositions = 64, was 65",
                "model: {bertPositions: 32}|model.textLength: must be <= bertPositions = 32, was 64",
                "model: {bertHidden: 66}|model.bertHeads: must divide bertHidden = 66, was 4",
                "model: {resnetBlocks: [1, 0, 1, x]}|model.resnetBlocks[1]: must be >= 1, was 0",
                "model: {imageDecoderChannels: [8]}|model.imageDecoderChannels: expected a list of 5 values, each an integer, has 1",
                "augment: {rotationDegrees: 181}|augment.rotationDegrees: must be >= 0 and <= 180, was 181",
                "stages: []|stages: must not be empty",
                "stages: 1|stages: expected a list of mappings, was 1",
                "stages: [1]|stages[0]: expected a mapping of keys to values, was 1",
                "stages: [{stage: 0}]|stages[0].stage: must be >= 1, was 0",
                "stages: [{stage: 2}, {stage: 1}]|stages[1].stage: stage 1 comes after 2",
                "stages: [{modules: lam}]|stages[0].modules: expected a list of 0 to 3 values, each one of lam, spb, ccr, was lam",
                "stages: [{modules: [lam, bank]}]|stages[0].modules[1]: expected one of lam, spb, ccr, was bank",
                "stages: [{modules: [lam, lam]}]|stages[0].modules: 'lam' comes twice",
                "stages: [{modules: [ccr, lam]}]|stages[0].modules: ccr needs lam and spb beside it",
                "stages: [{lossWeights: {proto: 1}}]|stages[0].lossWeights.proto: must be 0 without the module spb, was 1",
                "stages: [{lossWeights: {globl: 1}}]|stages[0].lossWeights.globl: unknown key; did you mean 'global'?",
                "stages: [{lossWeights: {i2r: -1}}]|stages[0].lossWeights.i2r: must be >= 0, was -1",
                "stages: [{modules: [], lossWeights: {global: 0}}]|stages[0].lossWeights: at least one weight must be > 0",
                "stages: [{learningRateFactors: {text: 0}}]|stages[0].learningRateFactors.text: must be > 0, was 0",
                "model: {maxScale: 0.5}|model.maxScale: must be >= 1 and <= 10000, was 0.5",
                "model: {spb: {init: kmeans}}|model.spb.init: expected one of gaussian-l1, gaussian, sentence-kmeans, was kmeans",
                "model: {spb: {tauEnd: 0}}|model.spb.tauEnd: must be > 0 and <= 100, was 0",
                "model: {spb: {initReports: 0}}|model.spb.initReports: must be >= 1, was 0",
                "model: {spb: {quary: hard}}|model.spb.quary: unknown key; did you mean 'query'?",
                "model: {ccr: {mask: chanel}}|model.ccr.mask: is chanel; did you mean 'channel'?",
                "model: {ccr: {maskProbability: 1}}|model.ccr.maskProbability: must be >= 0 and < 1, was 1",
                "model: {ccr: {detachTargets: 1}}|model.ccr.detachTargets: expected true or false, was 1",
                "model: {overlong: keep}|model.overlong: expected one of keep-sep, lose-sep, was keep",
                "model: {overlng: lose-sep}|model.overlng: unknown key; did you mean 'overlong'?",
                "model: {ccr: {requeryNoise: non}}|model.ccr.requeryNoise: is non; did you mean 'none'?",
                "model: {ccr: {sentenceLimit: 9}}|model.ccr.sentenceLimit: must be <= model.queries = 8, was 9",
                "model: {ccr: {sentenceLimit: 9223372036854775807}}|model.ccr.sentenceLimit: must be <= 1048576",
                "model: {ccr: {sentenceLimit: 0}}|model.ccr.sentenceLimit: must be >= 1, was 0",
                "model: {ccr: {sentenceLimits: 4}}|model.ccr.sentenceLimits: unknown key; did you mean 'sentenceLimit'?",
                "stages: [{stage: 1}, {stage: 1}]|stages[1].stage: stage 1 comes twice",
                "stages: [{learningRate: 0}]|stages[0].learningRate: must be > 0, was 0",
                "stages: [{epoch: 3}]|stages[0].epoch: unknown key; did you mean 'epochs'?",
                "optimizer: {algorithm: sgd}|optimizer.algorithm: expected one of adam, adamw, was sgd",
                "optimizer: {clipNorm: 0}|optimizer.clipNorm: must be > 0, was 0",
                "commit: {every: 0s}|commit.every: must be longer than nothing and at most 365d, was 0s",
                "commit: {every: 999999999d}|commit.every: must be longer than nothing and at most 365d",
                "commit: {everySteps: 0}|commit.everySteps: must be >= 1, was 0",
                "resources: {threads: none}|resources.threads: expected an integer or 'auto', was none",
                "resources: {threads: 0}|resources.threads: must be >= 1, was 0",
                "qwertyuiop: 1|qwertyuiop: unknown key; known are ",
                "experiment: ''|experiment: expected 1 to 200 characters",
                "prepare: 3|prepare: expected a mapping of keys to values, was 3",
                "prepare: {airflw: null}|prepare.airflw: unknown key; did you mean 'airflow'?",
                "prepare: {airflow: ingest}|prepare.airflow: expected a mapping of keys to values, was ingest",
                "prepare: {airflow: {}}|prepare.airflow.dag: is missing; expected the id of a DAG",
                "prepare: {airflow: {dag: a/b}}|prepare.airflow.dag: expected the id of a DAG: at most 250 letters, digits, '-', '.' and '_', was a/b",
                "prepare: {airflow: {dag: ..}}|prepare.airflow.dag: expected the id of a DAG",
                "prepare: {airflow: {dag: a, config: {}}}|prepare.airflow.config: unknown key; did you mean 'conf'?",
                "prepare: {airflow: {dag: a, conf: [1]}}|prepare.airflow.conf: expected a mapping of keys to values, was a list",
                "prepare: {airflow: {dag: a, conf: {strict: yes}}}|prepare.airflow.conf.strict: is yes, which is no value of JSON; put it in quotes",
                "prepare: {airflow: {dag: a, conf: {list: [1, {at: 12:30}]}}}|prepare.airflow.conf.list[1].at: is 12:30, which is no value of JSON",
                "prepare: {airflow: {dag: a, conf: {n: 9007199254740993}}}|prepare.airflow.conf.n: is 9007199254740993, which JSON does not keep exactly",
                "prepare: {airflow: {dag: a, conf: {n: 1e999}}}|prepare.airflow.conf.n: is 1e999, which JSON does not keep exactly",
                "prepare: {airflow: {dag: a, conf: {t: \"\\a\"}}}|prepare.airflow.conf.t: must not hold control characters",
            })
    void aWrongValueIsDescribed(String line, String message) {
        assertThat(problems(VALID + line + "\n"))
                .anySatisfy(problem ->
                        assertThat(problem).startsWith("spec.yaml:8:").contains(": " + message));
    }

    @Test
    void aBatchThatCantBeChunkedIsNamed() {
        assertThat(problems(VALID + "batchSize: 7\nmicroBatchSize: 3\n"))
                .containsExactly(
                        "spec.yaml:9:17: microBatchSize: must divide batchSize = 7 and be below it, was 3; no number"
                                + " does: take another batchSize, or null for the whole batch");
        assertThat(read(VALID + "batchSize: 12\nmicroBatchSize: 4\n").microBatchSize())
                .isEqualTo(4);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "name: tiny-1|name: Tiny 1|name: expected a letter and then at most 59 of a-z, 0-9 and '-', was Tiny 1",
                "method: prior|method: clip|method: expected one of prior, sense, was clip",
                "profile: tiny|profile: tinny|profile: is tinny; did you mean 'tiny'?",
                "profile: tiny|profile: full|profile: is called paper now; write that",
                "apiVersion: perdura/v1|apiVersion: perdura/v2|apiVersion: expected perdura/v1, was perdura/v2",
                "kind: Pretrain|kind: Sweep|kind: expected Pretrain, was Sweep",
                "root: data|root: no-data|data.root: no folder ",
                "root: data|root: .|data.vocabulary: no file ",
            })
    void aWrongHeadIsDescribed(String right, String wrong, String message) {
        assertThat(problems(VALID.replace(right, wrong)))
                .singleElement()
                .asString()
                .startsWith("spec.yaml:")
                .contains(": " + message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "``|spec.yaml:1:1: the file is empty; a spec begins with 'apiVersion: perdura/v1'",
                "# nothing|spec.yaml:1:1: the file is empty; a spec begins with 'apiVersion: perdura/v1'",
                "- a|spec.yaml:1:1: expected a mapping of keys to values, was a list",
                "a: 1↵a: 2|spec.yaml:2:1: a: the key comes twice, first at spec.yaml:1:1; keep one",
                "a:↵\tb: 1|spec.yaml:2:1: not YAML: while scanning for the next token, found character '\\t(TAB)' that cannot start any token. (Do not use \\t(TAB) for indentation)",
                "a: [1, 2|spec.yaml:1:9: not YAML: while parsing a flow sequence, expected ',' or ']', but got <stream end>",
                "a: 1↵---↵b: 2|spec.yaml:2:1: not YAML: expected a single document in the stream, but found another document",
                "a: !!java.net.URL [x]|spec.yaml:1:4: not YAML: Global tag is not allowed: tag:yaml.org,2002:java.net.URL",
                "a: !thing x|spec.yaml:1:4: the tag !thing is not supported; write a plain value",
                "a: &x {b: *x}|spec.yaml:1:4: an alias of a list or mapping is not supported; write it out",
                "[a]: 1|spec.yaml:1:1: a key must be a word",
            })
    void malformedYamlGivesOneErrorWithItsPlace(String text, String problem) {
        assertThat(problems(text.replace('↵', '\n'))).containsExactly(problem);
    }

    @Test
    void aControlCharacterIsRefusedWithItsPlace() {
        assertThat(problems("a: 1\nb: \u0007\n"))
                .containsExactly("spec.yaml:2:4: not YAML: character U+0007 is not allowed");
    }

    @Test
    void aFileThatIsNotThereOrNotTextIsRefused() throws IOException {
        Path file = folder.resolve("spec.yaml");
        assertThatThrownBy(() -> SPECS.read(file, List.of())).hasMessage(file + ": no such file");
        assertThatThrownBy(() -> SPECS.read(folder, List.of()))
                .hasMessage(folder + ": is a folder; name the file with the spec in it");
        Files.write(file, new byte[] {'a', ':', (byte) 0xff});
        assertThatThrownBy(() -> SPECS.read(file, List.of())).hasMessage(file + ": is not text in UTF-8");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "dim|--set dim: expected path=value, for instance --set stages.0.epochs=3",
                "model..dim=1|--set model..dim=1: expected path=value, for instance --set stages.0.epochs=3",
                "name.x=1|--set name.x=1: name: has no 'x', it is tiny-1",
                "stages.3.epochs=1|--set stages.3.epochs=1: stages: has no position 3; positions begin at 0 and the list has 3",
                "stages.0.epochs=0|--set stages.0.epochs=0: stages[0].epochs: must be >= 1, was 0",
                "seed=[|--set seed=[: not YAML: ",
                "data.root=no-data|--set data.root=no-data: data.root: no folder ",
            })
    void aWrongFlagIsNamed(String setting, String problem) {
        assertThat(problems(VALID, setting)).anySatisfy(line -> assertThat(line).startsWith(problem));
    }

    @Test
    void namesOfImportedWeightsBecomeDigests() {
        InitialWeightsSpec initial = read(VALID, "initialWeights={image: resnet, text: " + "cd".repeat(32) + "}")
                .initialWeights();
        assertThat(initial).isEqualTo(new InitialWeightsSpec("ab".repeat(32), "cd".repeat(32)));
        assertThat(read(VALID).initialWeights()).isEqualTo(InitialWeightsSpec.NONE);
        assertThat(read(VALID, "initialWeights.image=null").initialWeights()).isEqualTo(InitialWeightsSpec.NONE);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "image: resnt|spec.yaml:9:10: initialWeights.image: there are no weights 'resnt'; did you mean 'resnet'?",
                "text: '../x'|spec.yaml:9:9: initialWeights.text: there are no weights '../x'; known are resnet",
                "txt: resnet|spec.yaml:9:3: initialWeights.txt: unknown key; did you mean 'text'?",
            })
    void unknownWeightsAreRefusedWithTheirPlace(String weights, String problem) {
        assertThat(problems(VALID + "initialWeights:\n  " + weights + "\n")).containsExactly(problem);
    }

    @Test
    void whereNothingIsImportedTheRemedyIsNamed() throws IOException {
        Path file = Files.writeString(folder.resolve("spec.yaml"), VALID);
        assertThatThrownBy(() -> SPECS.read(file, List.of("initialWeights.text=clinical")))
                .hasMessage(
                        "--set initialWeights.text=clinical: initialWeights.text: there are no weights 'clinical'; none"
                                + " are imported, 'perdura weights import FILE --name clinical' does it");
    }

    /** One name, and every digest. */
    private static ReferenceNames weights() {
        return new ReferenceNames() {
            @Override
            public Optional<String> findDigest(ParameterType.Reference.Kind kind, String nameOrDigest) {
                return nameOrDigest.equals("resnet")
                        ? Optional.of("ab".repeat(32))
                        : ReferenceNames.digestsAlone().findDigest(kind, nameOrDigest);
            }

            @Override
            public Collection<String> known(ParameterType.Reference.Kind kind) {
                return List.of("resnet");
            }
        };
    }

    private PretrainSpec read(String text, String... settings) {
        try {
            return SPECS.read(Files.writeString(folder.resolve("spec.yaml"), text), List.of(settings), weights());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String methods() {
        return Methods.load().all().stream()
                .map(method -> method.schema().name())
                .collect(Collectors.joining(", "));
    }

    /** The lines of the message, without the folder. */
    private List<String> problems(String text, String... settings) {
        try {
            read(text, settings);
        } catch (PerduraException e) {
            assertThat(e.code()).isEqualTo(ErrorCode.INVALID_SPEC);
            return List.of(String.valueOf(e.getMessage())
                    .replace(folder + "/spec.yaml", "spec.yaml")
                    .split("\n"));
        }
        throw new AssertionError("the spec was accepted");
    }
}
