package perdura.grids.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TestTrialIdentity {
    private static final String DIGEST = "ab".repeat(32);
    private static final TaskSchema TASK = new TaskSchema(
            "toy",
            3,
            List.of(
                    ParameterSchema.required(
                            "dataset", new ParameterType.Reference(ParameterType.Reference.Kind.DATASET), "data"),
                    ParameterSchema.optional("learningRate", ParameterType.Real.positive(), 1e-4, "step size")),
            List.of("auroc"));

    /**
     * Python: {@code hashlib.sha256(json.dumps(x, sort_keys=True, separators=(',', ':')).encode()).hexdigest()}, x = {"task":
     * "toy", "taskVersion": 3, "parameters": {"learningRate": 0.0001, "model": {"dim": 32, "blocks": [1, 2]}, "clipNorm":
     * None, "augment": True, "optimizer": "sgd"}, "dataset": "ab" * 32, "parent": None, "seed": 114514, "precision": "fp32",
     * "engine": "pytorch-2.7"}.
     */
    @Test
    void theKeyIsTheHashOfCanonicalJson() {
        Parameters parameters = parameters(
                "learningRate",
                1e-4,
                "model.dim",
                32L,
                "model.blocks",
                List.of(1L, 2L),
                "clipNorm",
                null,
                "augment",
                true,
                "optimizer",
                "sgd");
        assertThat(new TrialIdentity("toy", 3, parameters, DIGEST, null, 114514, "fp32", "pytorch-2.7").key())
                .hasToString("2b3a46f3c472962f196dbdfc05e4a0d1751a1c04a1b72f7f5daeed5ca9e38904");
    }

    @Test
    void everyPartDecides() {
        Parameters one = parameters("a", 1L);
        Set<TrialKey> keys = new HashSet<>(List.of(
                new TrialIdentity("toy", 3, one, DIGEST, null, 1, "fp32", "pytorch-2.7").key(),
                new TrialIdentity("boy", 3, one, DIGEST, null, 1, "fp32", "pytorch-2.7").key(),
                new TrialIdentity("toy", 4, one, DIGEST, null, 1, "fp32", "pytorch-2.7").key(),
                new TrialIdentity("toy", 3, parameters("a", 2L), DIGEST, null, 1, "fp32", "pytorch-2.7").key(),
                new TrialIdentity("toy", 3, one, "cd".repeat(32), null, 1, "fp32", "pytorch-2.7").key(),
                new TrialIdentity("toy", 3, one, DIGEST, DIGEST, 1, "fp32", "pytorch-2.7").key(),
                new TrialIdentity("toy", 3, one, DIGEST, null, 2, "fp32", "pytorch-2.7").key(),
                new TrialIdentity("toy", 3, one, DIGEST, null, 1, "mixed", "pytorch-2.7").key(),
                new TrialIdentity("toy", 3, one, DIGEST, null, 1, "fp32", "pytorch-2.8").key()));
        assertThat(keys).hasSize(9);
    }

    @Test
    void namesOfDataDoNotDecide() {
        TrialSpec trial = new TrialSpec("toy", 3, parameters("dataset", "rsna", "learningRate", 0.1), 7);
        TrialSpec renamed = new TrialSpec("toy", 3, parameters("dataset", "rsna-2", "learningRate", 0.1), 7);
        TrialIdentity identity = TrialIdentity.of(trial, TASK, DIGEST, null, "fp32", "pytorch-2.7");
        assertThat(identity.parameters()).isEqualTo(parameters("learningRate", 0.1));
        assertThat(TrialIdentity.of(renamed, TASK, DIGEST, null, "fp32", "pytorch-2.7")
                        .key())
                .isEqualTo(identity.key());
    }

    @Test
    void aKeyIsADigest() {
        assertThatThrownBy(() -> new TrialKey("abc")).hasMessage("a trial key is 64 hexadecimal digits, was abc");
    }

    private static Parameters parameters(@Nullable Object... pairs) {
        TreeMap<String, @Nullable Object> values = new TreeMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            values.put(String.valueOf(pairs[i]), pairs[i + 1]);
        }
        assertThat(values).as(Arrays.toString(pairs)).hasSize(pairs.length / 2);
        return new Parameters(values);
    }
}
