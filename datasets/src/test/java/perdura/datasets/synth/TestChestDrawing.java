package perdura.datasets.synth;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import perdura.datasets.synth.DrawnImage.FindingTrace;
import perdura.datasets.synth.Visit.PlacedFinding;
import perdura.datasets.synth.Visit.PlacedFinding.Side;
import perdura.datasets.synth.Visit.PlacedFinding.Zone;

class TestChestDrawing {
    @ParameterizedTest
    @EnumSource
    void aFindingChangesTheImageWhereTheTruthSaysSo(Finding finding) {
        for (int size = 1; size <= 3; size++) {
            DrawnImage ill = draw(0.5, 4, finding, size);
            DrawnImage healthy = draw(0.5, 4);
            FindingTrace trace = ill.traces().get(0);
            assertThat(trace.isVisible()).isTrue();
            double inside = difference(ill, healthy, trace, true);
            double outside = difference(ill, healthy, trace, false);
            assertThat(inside).as("size " + size).isGreaterThan(5 * outside).isGreaterThan(5);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aLargerFindingCoversMore(Finding finding) {
        if (finding != Finding.EDEMA) { // its size is a degree
            for (int size = 1; size < 3; size++) {
                assertThat(draw(0.5, 4, finding, size + 1)
                                .traces()
                                .get(0)
                                .mask()
                                .count())
                        .isGreaterThan(draw(0.5, 4, finding, size)
                                .traces()
                                .get(0)
                                .mask()
                                .count());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void harderIsFainter(Finding finding) {
        assertThat(signal(1, finding)).isLessThan(0.8 * signal(0.5, finding));
        assertThat(signal(0.5, finding)).isLessThan(signal(0, finding));
    }

    @Test
    void harderIsNoisier() {
        // A place above the shoulder where only noise is.
        assertThat(deviation(draw(1, 4))).isGreaterThan(1.5 * deviation(draw(0, 4)));
    }

    @Test
    void lateralViewsShowNoFinding() {
        SynthConfig config = config(0.5);
        Patient patient = Patient.draw(config, 4);
        Shot shot = new Shot(0, Shot.View.LATERAL, 96, 96);
        DrawnImage ill = ChestDrawing.draw(config, patient, visit(Finding.EFFUSION, 3), shot);
        DrawnImage healthy = ChestDrawing.draw(config, patient, new Visit(0, List.of(), Visit.Catheter.NONE), shot);
        assertThat(ill.traces()).isEmpty();
        assertThat(ill.levels()).isEqualTo(healthy.levels());
    }

    /** All that a finding changes, in grey levels summed over the image. */
    private static double signal(double difficulty, Finding finding) {
        double sum = 0;
        for (int patient = 0; patient < 5; patient++) {
            byte[] ill = draw(difficulty, patient, finding, 2).toGray().pixels();
            byte[] healthy = draw(difficulty, patient).toGray().pixels();
            for (int i = 0; i < ill.length; i++) {
                sum += Math.abs((ill[i] & 0xFF) - (healthy[i] & 0xFF));
            }
        }
        return sum;
    }

    /** Mean absolute difference of grey levels inside or outside of a trace. */
    private static double difference(DrawnImage a, DrawnImage b, FindingTrace trace, boolean inside) {
        double sum = 0;
        int count = 0;
        for (int y = 0; y < a.height(); y++) {
            for (int x = 0; x < a.width(); x++) {
                if (trace.mask().isSet(x, y) == inside) {
                    sum += Math.abs(a.levels()[y * a.width() + x] - b.levels()[y * a.width() + x]) / 257.0;
                    count++;
                }
            }
        }
        return sum / count;
    }

    private static double deviation(DrawnImage image) {
        double sum = 0;
        double squares = 0;
        int count = 0;
        for (int y = 0; y < 10; y++) {
            for (int x = 38; x < 58; x++) {
                double level = image.levels()[y * image.width() + x] / 257.0;
                sum += level;
                squares += level * level;
                count++;
            }
        }
        return Math.sqrt(squares / count - sum / count * sum / count);
    }

    private static DrawnImage draw(double difficulty, int number) {
        return draw(difficulty, number, new Visit(0, List.of(), Visit.Catheter.NONE));
    }

    private static DrawnImage draw(double difficulty, int number, Finding finding, int size) {
        return draw(difficulty, number, visit(finding, size));
    }

    private static DrawnImage draw(double difficulty, int number, Visit visit) {
        SynthConfig config = config(difficulty);
        return ChestDrawing.draw(config, Patient.draw(config, number), visit, new Shot(0, Shot.View.AP, 96, 96));
    }

    private static Visit visit(Finding finding, int size) {
        Zone zone = finding == Finding.CONSOLIDATION || finding == Finding.ATELECTASIS ? Zone.MID : Zone.WHOLE;
        Side side = finding == Finding.CARDIOMEGALY || finding == Finding.EDEMA ? Side.BOTH : Side.RIGHT;
        return new Visit(0, List.of(new PlacedFinding(finding, side, zone, size)), Visit.Catheter.NONE);
    }

    private static SynthConfig config(double difficulty) {
        return new SynthConfig(
                SynthConfig.Format.MIMIC_CXR,
                new SynthConfig.Amount(SynthConfig.Amount.Unit.PATIENTS, 10),
                7,
                difficulty,
                96,
                SynthConfig.SiimCopy.STAGE_1);
    }
}
