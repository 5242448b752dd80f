package perdura.datasets.split.totals;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import perdura.grids.spec.IngestSpec.Profile;
import perdura.grids.spec.SourceSet;

class TestPublishedTotals {
    private static long number(SourceSet set, Profile profile, Counted what) {
        return PublishedTotals.of(set, profile).stream()
                .filter(total -> total.what() == what)
                .findFirst()
                .orElseThrow()
                .number();
    }

    @ParameterizedTest
    @EnumSource
    void everySetHasNumbersOfDifferentThingsWithTheirSections(SourceSet set) {
        for (Profile profile : Profile.values()) {
            List<PublishedTotals.Total> totals = PublishedTotals.of(set, profile);
            assertThat(totals).isNotEmpty();
            assertThat(totals.stream().map(PublishedTotals.Total::what)).doesNotHaveDuplicates();
            assertThat(totals).allSatisfy(total -> assertThat(total.source()).matches("(prior|sense)\\.md .*"));
        }
    }

    @Test
    void partsAddUpToTheirWhole() {
        for (Profile profile : Profile.values()) {
            for (SourceSet set : List.of(SourceSet.RSNA, SourceSet.SIIM)) {
                long sum = LongStream.of(
                                number(set, profile, Counted.SPLIT_TRAIN),
                                number(set, profile, Counted.SPLIT_VALIDATION),
                                number(set, profile, Counted.SPLIT_TEST))
                        .sum();
                assertThat(sum).isEqualTo(number(set, profile, Counted.IMAGES));
            }
        }
        SourceSet mimic = SourceSet.MIMIC_CXR;
        assertThat(number(mimic, Profile.SENSE, Counted.IMAGES_OF_TRAIN)
                        + number(mimic, Profile.SENSE, Counted.IMAGES_OF_VALIDATE)
                        + number(mimic, Profile.SENSE, Counted.IMAGES_OF_TEST))
                .isEqualTo(number(mimic, Profile.SENSE, Counted.IMAGES));
        assertThat(number(mimic, Profile.SENSE, Counted.STUDIES_OF_TRAIN)
                        + number(mimic, Profile.SENSE, Counted.STUDIES_OF_VALIDATE)
                        + number(mimic, Profile.SENSE, Counted.STUDIES_OF_TEST))
                .isEqualTo(number(mimic, Profile.SENSE, Counted.STUDIES));
        // every negative image has one row, every positive one a row for each box
        assertThat(number(SourceSet.RSNA, Profile.PRIOR, Counted.LABEL_ROWS))
                .isEqualTo(26_684 - 6_012 + number(SourceSet.RSNA, Profile.PRIOR, Counted.BOXES));
    }

    @Test
    void countsAreComparedWithinTheirTolerance() {
        List<PublishedTotals.Total> totals = PublishedTotals.of(SourceSet.MIMIC_CXR, Profile.PRIOR);
        assertThat(totals.get(2).what()).isEqualTo(Counted.PATIENTS);
        assertThat(totals.get(2).agrees(65_378)).isFalse();
        assertThat(totals.get(3).what()).isEqualTo(Counted.KEPT_STUDIES);
        assertThat(totals.get(3).agrees(177_100)).isTrue(); // within 3 % of 182,475
        assertThat(new PublishedTotals.Total(
                                Counted.IMAGES, 100, 0.03, PublishedTotals.Total.Certainty.VERIFIED, "prior.md 1")
                        .agrees(104))
                .isFalse();
    }

    @Test
    void sensesTestPairsMustAgreeExactly() {
        PublishedTotals.Total pairs = PublishedTotals.of(SourceSet.MIMIC_CXR, Profile.SENSE).stream()
                .filter(total -> total.what() == Counted.TEST_PAIRS)
                .findFirst()
                .orElseThrow();
        assertThat(pairs.agrees(2_461)).isTrue();
        assertThat(pairs.agrees(2_462)).isFalse();
    }
}
