package perdura.datasets.split;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import perdura.datasets.split.PartFiller.SampleGroups;

class TestPartFiller {
    /** Patients p0000, p0001, ... with as many samples as given. */
    private static Samples patients(int... sizes) {
        List<String> ids = new ArrayList<>();
        List<String> patients = new ArrayList<>();
        for (int p = 0; p < sizes.length; p++) {
            for (int i = 0; i < sizes[p]; i++) {
                ids.add("%06d".formatted(ids.size()));
                patients.add("p%04d".formatted(p));
            }
        }
        return new Samples(ids, patients);
    }

    private static PartFiller filler(int... sizes) {
        Samples samples = patients(sizes);
        return new PartFiller(
                SampleGroups.of(samples, samples.rows(), Split.Unit.PATIENT),
                IntStream.range(0, sizes.length).toArray());
    }

    @Test
    void groupsAreTakenInOrderWhereTheyFit() {
        PartFiller filler = filler(2, 2, 1, 3);
        assertThat(filler.take(4).toArray()).containsExactly(0, 1, 2, 3);
        assertThat(filler.rest().toArray()).containsExactly(4, 5, 6, 7);
    }

    @Test
    void anEarlyGroupIsLeftOutIfTheOthersComeNearer() {
        assertThat(filler(3, 2, 2).take(4).toArray()).containsExactly(3, 4, 5, 6);
    }

    @Test
    void ofTwoEquallyNearSizesTheSmallerOneIsTaken() {
        assertThat(filler(3, 5).take(4).size()).isEqualTo(3);
    }

    @Test
    void somethingIsTakenRatherThanNothing() {
        assertThat(filler(4, 4, 4).take(2).size()).isEqualTo(4);
        assertThat(filler(5, 5, 5).take(2).size()).isZero();
    }

    @Test
    void aPartMayBeLargerThanAskedIfThatIsNearer() {
        assertThat(filler(10, 10).take(6).size()).isEqualTo(10);
    }

    @Test
    void everySizeIsTheNearestThatAnyChoiceGives() {
        Random random = new Random(7);
        for (int trial = 0; trial < 200; trial++) {
            int[] sizes = random.ints(1 + random.nextInt(10), 1, 9).toArray();
            int asked = random.nextInt(IntStream.of(sizes).sum() + 1);
            int taken = filler(sizes).take(asked).size();
            int nearest = IntStream.range(0, 1 << sizes.length)
                    .map(choice -> IntStream.range(0, sizes.length)
                            .filter(i -> (choice >> i & 1) == 1)
                            .map(i -> sizes[i])
                            .sum())
                    .map(sum -> Math.abs(sum - asked))
                    .min()
                    .orElseThrow();
            assertThat(Math.abs(taken - asked))
                    .as("%s of %s", asked, Arrays.toString(sizes))
                    .isEqualTo(nearest);
        }
    }

    @Test
    void manyPatientsFillPartsExactly() {
        int[] sizes = new Random(3).ints(60_000, 1, 7).toArray();
        sizes[17] = 92;
        PartFiller filler = filler(sizes);
        assertThat(filler.take(40_001).size()).isEqualTo(40_001);
        assertThat(filler.take(40_001).size()).isEqualTo(40_001);
        assertThat(filler.rest().size()).isEqualTo(IntStream.of(sizes).sum() - 80_002);
    }
}
