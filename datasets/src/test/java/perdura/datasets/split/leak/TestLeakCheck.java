package perdura.datasets.split.leak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import perdura.datasets.seeds.RandomStream;

class TestLeakCheck {
    private static final String DOMAIN = "mimic-cxr";

    private static String digest(long seed) {
        RandomStream words = new RandomStream(seed);
        return "%016x%016x%016x%016x".formatted(words.nextLong(), words.nextLong(), words.nextLong(), words.nextLong());
    }

    /** An image whose file and pixels come from two numbers; no pixels if the second is negative. */
    private static SplitMembers.Member image(String id, String patient, int file, int pixels) {
        @Nullable String pixelSha256 = pixels < 0 ? null : digest(1_000_000L + pixels);
        return new SplitMembers.Member(id, patient, digest(file), pixelSha256);
    }

    private static SplitMembers trained(SplitMembers.Member... members) {
        return new SplitMembers("mimic", "official/train", DOMAIN, List.of(members)::forEach);
    }

    private static SplitMembers tested(String domain, SplitMembers.Member... members) {
        return new SplitMembers("probe", "70-15-15/test", domain, List.of(members)::forEach);
    }

    @Test
    void partsWithoutAnythingInCommonPass() {
        LeakReport report =
                LeakCheck.compare(trained(image("a", "p1", 1, 1)), tested(DOMAIN, image("b", "p2", 2, 2)), List.of());
        assertThat(report.leaks()).isFalse();
        assertThat(report.isRefused()).isFalse();
        assertThat(report.message())
                .isEqualTo("probe 70-15-15/test shares no patient and no image with mimic official/train");
    }

    @Test
    void aSharedPatientIsRefusedByName() {
        LeakReport report = LeakCheck.compare(
                trained(image("a", "p1", 1, 1), image("b", "p2", 2, 2)),
                tested(DOMAIN, image("c", "p3", 3, 3), image("d", "p2", 4, 4), image("e", "p2", 5, 5)),
                List.of());
        assertThat(report.patients()).isEqualTo(new LeakReport.Overlap(1, List.of("p2")));
        assertThat(report.images().count()).isZero();
        assertThat(report.isRefused()).isTrue();
        assertThat(report.message()).isEqualTo("""
            probe 70-15-15/test is not unseen: the pre-training on mimic official/train has
              1 of its patients: p2
            pre-train on a split without them, evaluate on another one, or allow this pair of data sets in the spec, with a reason\
            """);
    }

    @Test
    void patientsOfAnotherDomainAreOtherPeople() {
        assertThat(LeakCheck.compare(
                                trained(image("a", "p1", 1, 1)), tested("chexpert", image("b", "p1", 2, 2)), List.of())
                        .leaks())
                .isFalse();
    }

    @Test
    void theSameFileAndTheSamePixelsAreFoundUnderAnotherName() {
        LeakReport report = LeakCheck.compare(
                trained(image("a", "p1", 1, 1), image("b", "p2", 2, 2)),
                tested("rsna", image("x", "q1", 1, 9), image("y", "q2", 8, 2), image("z", "q3", 7, 7)),
                List.of());
        assertThat(report.images()).isEqualTo(new LeakReport.Overlap(2, List.of("x (= a)", "y (= b)")));
        assertThat(report.patients().count()).isZero();
        assertThat(report.message()).contains("\n  2 of its images: x (= a), y (= b)\n");
    }

    @Test
    void anImageThatIsThereTwiceCountsTwice() {
        LeakReport report = LeakCheck.compare(
                trained(image("a", "p1", 1, 1), image("a2", "p1", 1, 1)),
                tested("rsna", image("x", "q1", 1, 1), image("y", "q2", 1, 1)),
                List.of());
        assertThat(report.images()).isEqualTo(new LeakReport.Overlap(2, List.of("x (= a)", "y (= a)")));
    }

    @Test
    void imagesWithoutPixelDigestsAreComparedByFile() {
        LeakReport report = LeakCheck.compare(
                trained(image("a", "p1", 1, -1)),
                tested("rsna", image("x", "q1", 1, -1), image("y", "q2", 2, -1)),
                List.of());
        assertThat(report.images()).isEqualTo(new LeakReport.Overlap(1, List.of("x (= a)")));
    }

    @Test
    void aWrittenAllowanceLetsThePairPassAndKeepsTheFindings() {
        LeakReport.Allowance reason = new LeakReport.Allowance("mimic", "probe", "upper bound, marked as such");
        LeakReport report = LeakCheck.compare(
                trained(image("a", "p1", 1, 1)),
                tested(DOMAIN, image("x", "p1", 1, 1)),
                List.of(new LeakReport.Allowance("mimic", "rsna", "another pair"), reason));
        assertThat(report.isRefused()).isFalse();
        assertThat(report.leaks()).isTrue();
        assertThat(report.allowance()).isEqualTo(reason);
        assertThat(report.message()).endsWith("\nallowed: upper bound, marked as such");
    }

    @Test
    void anAllowanceOfAnotherPairOrWithoutAReasonIsNone() {
        SplitMembers trained = trained(image("a", "p1", 1, 1));
        SplitMembers tested = tested(DOMAIN, image("x", "p1", 2, 2));
        List<LeakReport.Allowance> turned = List.of(new LeakReport.Allowance("probe", "mimic", "the wrong way round"));
        assertThat(LeakCheck.compare(trained, tested, turned).isRefused()).isTrue();
        assertThatThrownBy(() -> new LeakReport.Allowance("mimic", "probe", " "))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("an allowance for mimic and probe must give its reason");
    }

    @Test
    void theFirstTwentyAreNamedInTheOrderOfTheTestAndAllAreCounted() {
        List<SplitMembers.Member> seen = new ArrayList<>();
        List<SplitMembers.Member> test = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            seen.add(image("t" + (299 - i), "p" + (299 - i) / 2, 299 - i, -1));
            test.add(image("x" + i, "p" + i / 2, i % 3 == 0 ? 10_000 + i : i, -1));
        }
        LeakReport report = LeakCheck.compare(
                new SplitMembers("mimic", "train", DOMAIN, seen::forEach),
                new SplitMembers("probe", "test", DOMAIN, test::forEach),
                List.of());
        assertThat(report.images().count()).isEqualTo(200);
        assertThat(report.images().first())
                .isEqualTo(IntStream.range(0, 30)
                        .filter(i -> i % 3 != 0)
                        .mapToObj(i -> "x" + i + " (= t" + i + ")")
                        .toList());
        assertThat(report.patients().count()).isEqualTo(150);
        assertThat(report.patients().first())
                .isEqualTo(IntStream.range(0, 20).mapToObj(i -> "p" + i).toList());
        assertThat(report.message()).contains("150 of its patients: p0, ").contains("p19 and 130 more");
    }

    @Test
    void countsAgreeWithASlowCheckOfEveryPair() {
        RandomStream random = new RandomStream(9);
        List<SplitMembers.Member> seen = IntStream.range(0, 400)
                .mapToObj(i -> image("t" + i, "p" + random.bounded(500), random.bounded(900), random.bounded(900)))
                .toList();
        List<SplitMembers.Member> test = IntStream.range(0, 300)
                .mapToObj(i -> image("x" + i, "p" + random.bounded(500), random.bounded(900), random.bounded(900)))
                .toList();
        LeakReport report = LeakCheck.compare(
                new SplitMembers("mimic", "train", DOMAIN, seen::forEach),
                new SplitMembers("probe", "test", DOMAIN, test::forEach),
                List.of());
        assertThat(report.images().count()).isEqualTo((int) test.stream()
                .filter(x -> seen.stream()
                        .anyMatch(t -> t.imageSha256().equals(x.imageSha256())
                                || String.valueOf(t.pixelSha256()).equals(x.pixelSha256())))
                .count());
        assertThat(report.patients().count()).isEqualTo((int) test.stream()
                .map(SplitMembers.Member::patientId)
                .distinct()
                .filter(p -> seen.stream().anyMatch(t -> t.patientId().equals(p)))
                .count());
    }

    @Test
    void aPartThatGivesMoreTheSecondTimeIsRefused() {
        List<SplitMembers.Member> members = new ArrayList<>(List.of(image("x", "p", 1, 1)));
        SplitMembers growing = new SplitMembers("probe", "70-15-15/test", DOMAIN, taker -> {
            members.forEach(taker);
            members.add(image("y", "p", 2, 2));
        });
        assertThatThrownBy(() -> LeakCheck.compare(trained(), growing, List.of()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll("70-15-15/test", "1 members");
    }

    @Test
    void aDigestThatIsNoneIsRefused() {
        assertThatThrownBy(() -> new SplitMembers.Member("a", "p", "abc", null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("'a'", "64 hexadecimal");
    }
}
