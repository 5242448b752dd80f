package perdura.grids.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static perdura.grids.codec.Codecs.real;
import static perdura.grids.codec.Codecs.whole;
import static perdura.grids.codec.Field.field;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.assertj.core.api.AbstractStringAssert;
import org.junit.jupiter.api.Test;
import perdura.grids.codec.MethodSchema;
import perdura.grids.codec.RecordCodec;
import perdura.grids.read.PretrainSpecs.PretrainStart;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.ParameterSchema;
import perdura.grids.spec.ParameterType.Real;
import perdura.grids.spec.Parameters;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.ResourceSpec;

/** One declaration of a method's keys gives everything that is asked of them. */
class TestPretrainSpecs {
    private static final PretrainSpecs SPECS = new PretrainSpecs(List.of(ToyMethod.schema()));

    @Test
    void theMethodsKeysStandBesideTheOthers() {
        PretrainSpec spec = spec("width=3", "seed=7");
        assertThat(spec.method()).isEqualTo(new ToyMethod(3, 0.25));
        assertThat(spec.seed()).isEqualTo(7);
        assertThat(spec.optimizer().beta1()).isEqualTo(0.9);
        assertThat(SPECS.readStored(SPECS.write(spec))).isEqualTo(spec);
        assertThat(SPECS.identity(spec)).isNotEqualTo(SPECS.identity(spec("width=4", "seed=7")));
        assertThat(SPECS.identity(spec("commit.keep=9"))).isEqualTo(SPECS.identity(spec()));
        assertThat(SPECS.deviations(spec)).containsExactly("temperature 0.25 (TOY: 0.5)");
    }

    @Test
    void everythingWrongIsToldAtOnce() {
        assertInvalid(List.of("width=0", "temprature=1", "dim=3"))
                .contains("width: must be >= 1, was 0")
                .contains("temprature: unknown key; did you mean 'temperature'?")
                .contains("dim: is called width now; write that");
    }

    @Test
    void aMethodThatNobodyKnowsIsRefusedWithTheKnownOnes() {
        assertInvalid(List.of("method=tuy")).contains("method: is tuy; did you mean 'toy'?");
        assertInvalid(List.of("method=contrastive")).contains("method: expected one of toy, was contrastive");
    }

    @Test
    void everyKeyThatDecidesIsAParameter() {
        List<ParameterSchema> schemas = SPECS.parameters().schemas();
        assertThat(schemas)
                .extracting(ParameterSchema::path)
                .contains("pretrain.method", "pretrain.width", "pretrain.temperature", "pretrain.optimizer.weightDecay")
                .doesNotContain("pretrain.commit.keep", "pretrain.name", "pretrain.initialWeights.image");
        TreeMap<String, Object> values =
                new TreeMap<>(Map.of("pretrain.method", "toy", "pretrain.profile", "little", "pretrain.width", 5L));
        PretrainParameters.Choice choice = SPECS.parameters().choose(new Parameters(values));
        assertThat(choice.settings()).containsExactly("width=5");
        assertThat(choice.stage()).isEqualTo(1);
    }

    @Test
    void theTableHasEveryKeyWithItsDefault() {
        assertThat(SPECS.table("toy")).contains("| `width` | integer from 1 to 64 | 8 | of the joint space |");
    }

    @Test
    void anEditorSeesMistakes() throws Exception {
        Schema schema =
                SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_7).getSchema(SPECS.schema());
        String valid = SPECS.write(spec());
        ObjectMapper json = new ObjectMapper();
        assertThat(schema.validate(json.readTree(valid))).isEmpty();
        assertThat(schema.validate(json.readTree(valid.replace("\"width\":8", "\"width\":65"))))
                .isNotEmpty();
        assertThat(schema.validate(json.readTree(valid.replace("\"width\"", "\"widht\""))))
                .isNotEmpty();
    }

    @Test
    void aFaultyMethodIsRefusedByName() {
        assertFaulty(ToyMethod.schema(field("width", whole(9, 64)).means("too great"), ToyMethod.TEMPERATURE))
                .contains("width: must be >= 9, was 8");
        assertFaulty(new MethodSchema<>("toy", 1, ToyMethod.schema().codec(), List.of("unknown-key"), Map.of()))
                .contains("depth: unknown key");
        assertThatThrownBy(() -> new PretrainSpecs(List.of(ToyMethod.schema(), ToyMethod.schema())))
                .hasMessageContaining("the method 'toy' is faulty: another method has this name");
        assertThatThrownBy(() -> RecordCodec.of(ToyMethod.class, ToyMethod.WIDTH))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("[width, temperature]");
        assertThatThrownBy(() ->
                        ToyMethod.schema(field("width", real(Real.share())).means("a share"), ToyMethod.TEMPERATURE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("width is of int");
        assertThatThrownBy(() -> ToyMethod.schema(field("width").means("too short"), ToyMethod.TEMPERATURE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the key width does not say how int is read");
        assertThatThrownBy(() -> ToyMethod.schema(field("width", whole(1, 9)), ToyMethod.TEMPERATURE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("width");
    }

    private static AbstractStringAssert<?> assertFaulty(MethodSchema<?> schema) {
        try {
            PretrainSpecs specs = new PretrainSpecs(List.of(schema));
            throw new AssertionError("accepted: " + specs.names());
        } catch (PerduraException e) {
            assertThat(e.code()).isEqualTo(ErrorCode.INTERNAL);
            return assertThat(e.getMessage()).contains("the method 'toy' is faulty");
        }
    }

    private static AbstractStringAssert<?> assertInvalid(List<String> settings) {
        try {
            PretrainSpec spec = spec(settings.toArray(String[]::new));
            throw new AssertionError("accepted: " + spec);
        } catch (PerduraException e) {
            assertThat(e.code()).isEqualTo(ErrorCode.INVALID_SPEC);
            return assertThat(e.getMessage());
        }
    }

    private static PretrainSpec spec(String... settings) {
        return SPECS.ofProfile(
                new PretrainStart("a", "tests", "toy", "little", "d".repeat(64), new ResourceSpec("cpu", 1)),
                List.of(settings));
    }
}
