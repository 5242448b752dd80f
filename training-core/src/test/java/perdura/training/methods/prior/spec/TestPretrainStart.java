package perdura.training.methods.prior.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import perdura.grids.read.PretrainSpecs;
import perdura.grids.read.PretrainSpecs.PretrainStart;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.ResourceSpec;
import perdura.training.method.Methods;

class TestPretrainStart {
    private static final PretrainSpecs SPECS = Methods.load().specs();
    private static final String DATA = "d".repeat(64);

    @Test
    void settingsLieOverTheProfile() {
        PretrainSpec spec = SPECS.ofProfile(
                start("experiment: 'odd' # name"),
                List.of(
                        "model.tau=0.2",
                        "stages.0.epochs=3",
                        "optimizer.weightDecay=1.0E-4",
                        "model.lamActivation=softmax"));

        assertThat(spec.experiment()).isEqualTo("experiment: 'odd' # name");
        assertThat(spec.data().dataset()).isEqualTo(DATA);
        assertThat(spec.execution().resources()).isEqualTo(new ResourceSpec("cpu", 1));
        assertThat(PriorSpec.of(spec).model().tau()).isEqualTo(0.2);
        assertThat(PriorSpec.of(spec).model().heads().lamActivation()).isEqualTo(ModelSpec.LamActivation.SOFTMAX);
        assertThat(spec.optimizer().weightDecay()).isEqualTo(1e-4);
        assertThat(PriorSpec.of(spec).stages().get(0).epochs()).isEqualTo(3);
        assertThat(PriorSpec.of(spec).stages().get(0).warmupSteps()).isEqualTo(30); // the profile's
    }

    @Test
    void theProfilesOwnValueWrittenOutIsTheSamePretraining() {
        PretrainSpec plain = SPECS.ofProfile(start("a"), List.of());
        PretrainSpec said = SPECS.ofProfile(start("b"), List.of("model.tau=0.07", "seed=114514"));

        assertThat(SPECS.identity(said, DATA, "pytorch")).isEqualTo(SPECS.identity(plain, DATA, "pytorch"));
        assertThat(SPECS.identity(said)).isEqualTo(SPECS.identity(plain));
    }

    @Test
    void aPlanMayEndBeforeTheProfilesAndKeepsItsStages() {
        PretrainSpec all = SPECS.ofProfile(start("a"), List.of());
        PretrainSpec two = SPECS.ofProfile(start("a"), List.of("stages=[{stage: 1}, {stage: 2}]", "stages.1.epochs=9"));
        PretrainSpec three = SPECS.ofProfile(start("a"), List.of("stages=[{stage: 1}, {stage: 2}, {stage: 3}]"));

        assertThat(PriorSpec.of(two).stages()).hasSize(2);
        assertThat(PriorSpec.of(two).stages().get(0))
                .isEqualTo(PriorSpec.of(all).stages().get(0));
        assertThat(PriorSpec.of(two).stages().get(1).epochs()).isEqualTo(9);
        assertThat(PriorSpec.of(two).stages().get(1).modules())
                .isEqualTo(PriorSpec.of(all).stages().get(1).modules());
        assertThat(three).isEqualTo(all);
    }

    @Test
    void everythingWrongIsToldWithTheSettingThatCausesIt() {
        assertThatThrownBy(() -> SPECS.ofProfile(start("a"), List.of("model.dim=63", "stages.0.epochs=0")))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_SPEC))
                .hasMessageContaining("model.dim=63")
                .hasMessageContaining("stages.0.epochs=0");
    }

    private static PretrainStart start(String experiment) {
        return new PretrainStart("pretraining", experiment, PriorSpec.NAME, "tiny", DATA, new ResourceSpec("cpu", 1));
    }
}
