package perdura.datasets.synth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import perdura.datasets.synth.SynthConfig.Amount.Unit;
import perdura.datasets.synth.SynthConfig.SiimCopy;

class TestSynthConfig {
    private static final SynthConfig.Amount TEN = new SynthConfig.Amount(Unit.PATIENTS, 10);

    @Test
    void defaultsAreTheLayouts() {
        SynthConfig config = SynthConfig.standard(SynthConfig.Format.RSNA, TEN, 3);
        assertThat(config).isEqualTo(new SynthConfig(SynthConfig.Format.RSNA, TEN, 3, 0.5, 256, SiimCopy.STAGE_1));
        assertThat(SynthConfig.Format.SIIM.defaultImageSize()).isEqualTo(256);
        assertThat(SynthConfig.Format.CHEXPERT.defaultImageSize()).isEqualTo(128);
        assertThat(SynthConfig.of(7, 3))
                .isEqualTo(new SynthConfig(
                        SynthConfig.Format.MIMIC_CXR,
                        new SynthConfig.Amount(Unit.STUDIES, 7),
                        3,
                        0.5,
                        128,
                        SiimCopy.STAGE_1));
    }

    @Test
    void wrongSettingsAreRefused() {
        refuses(() -> SynthConfig.of(0, 1), "studies must be 1 to 1000000, was 0");
        refuses(() -> new SynthConfig.Amount(Unit.PATIENTS, 1_000_001), "patients must be 1 to 1000000, was 1000001");
        refuses(() -> config(1.01, 128), "difficulty must be 0 to 1, was 1.01");
        refuses(() -> config(Double.NaN, 128), "difficulty must be 0 to 1, was NaN");
        refuses(() -> config(0.5, 31), "imageSize must be 32 to 3072, was 31");
        refuses(() -> SynthConfig.of(7, 1).withShortReports(1.5), "shortReports must be 0 to 1, was 1.5");
        refuses(
                () -> SynthConfig.standard(SynthConfig.Format.SIIM, new SynthConfig.Amount(Unit.STUDIES, 7), 3),
                "studies are counted in mimic-cxr alone, not in siim; count patients");
    }

    private static SynthConfig config(double difficulty, int imageSize) {
        return new SynthConfig(SynthConfig.Format.RSNA, TEN, 3, difficulty, imageSize, SiimCopy.STAGE_1);
    }

    private static void refuses(ThrowingCallable call, String message) {
        assertThatIllegalArgumentException().isThrownBy(call).withMessage(message);
    }
}
