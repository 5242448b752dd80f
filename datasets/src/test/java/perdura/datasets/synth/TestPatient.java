package perdura.datasets.synth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import perdura.datasets.synth.Visit.PlacedFinding;

class TestPatient {
    private static final int MANY = 3000;

    @Test
    void patientsAreThoseOfTheirSetAndSeed() {
        SynthConfig mimic = SynthTree.config(SynthConfig.Format.MIMIC_CXR, 10, 7);
        assertThat(Patient.draw(SynthTree.config(SynthConfig.Format.MIMIC_CXR, 99, 7), 3))
                .isEqualTo(Patient.draw(mimic, 3));
        Set<Patient> different = new HashSet<>();
        different.add(Patient.draw(mimic, 3));
        different.add(Patient.draw(mimic, 4));
        different.add(Patient.draw(SynthTree.config(SynthConfig.Format.MIMIC_CXR, 10, 8), 3));
        different.add(Patient.draw(SynthTree.config(SynthConfig.Format.CHEXPERT, 10, 7), 3));
        assertThat(different).hasSize(4);
    }

    @Test
    void findingsStayAtTheirPlaceAndChangeBySizeSteps() {
        int stayed = 0;
        int went = 0;
        int came = 0;
        for (Patient patient : patients(SynthConfig.Format.MIMIC_CXR)) {
            assertThat(patient.visits()).hasSizeBetween(1, 3);
            for (int i = 1; i < patient.visits().size(); i++) {
                Visit before = patient.visits().get(i - 1);
                Visit after = patient.visits().get(i);
                assertThat(after.number()).isEqualTo(i);
                for (Finding finding : Finding.values()) {
                    if (before.has(finding) && after.has(finding)) {
                        PlacedFinding old = find(before, finding);
                        PlacedFinding now = find(after, finding);
                        assertThat(now.withSize(old.size())).isEqualTo(old);
                        assertThat(now.size()).isBetween(old.size() - 1, old.size() + 1);
                        stayed++;
                    }
                    went += before.has(finding) && !after.has(finding) ? 1 : 0;
                    came += !before.has(finding) && after.has(finding) ? 1 : 0;
                }
            }
        }
        assertThat((double) went / (went + stayed)).isCloseTo(0.25, within(0.03));
        assertThat((double) came / went).isCloseTo(1, within(0.12)); // so that shares hold over visits
    }

    @ParameterizedTest
    @EnumSource
    void sharesAreThoseOfThePopulation(SynthConfig.Format format) {
        Population population = Population.of(format);
        List<Visit> first = patients(format).stream()
                .map(patient -> patient.visits().get(0))
                .toList();
        double sum = 0;
        for (Finding finding : Finding.values()) {
            sum += population.share(finding);
        }
        for (Finding finding : Finding.values()) {
            double share = first.stream().filter(v -> v.has(finding)).count() / (double) MANY;
            double expected = population.loneShare() * population.share(finding) / sum
                    + (1 - population.loneShare()) * population.share(finding);
            assertThat(share).as(finding.key()).isCloseTo(expected, within(0.03)); // about four deviations
        }
    }

    @Test
    void onlyRsnaHasSeveralFociAndOnlySiimBothSides() {
        for (SynthConfig.Format format : SynthConfig.Format.values()) {
            assertThat(most(format, Finding.CONSOLIDATION))
                    .as(format.key())
                    .isEqualTo(format == SynthConfig.Format.RSNA ? 3 : 1);
            assertThat(most(format, Finding.PNEUMOTHORAX))
                    .as(format.key())
                    .isEqualTo(format == SynthConfig.Format.SIIM ? 2 : 1);
        }
    }

    private static long most(SynthConfig.Format format, Finding finding) {
        return patients(format).stream()
                .flatMap(patient -> patient.visits().stream())
                .mapToLong(visit -> visit.findings().stream()
                        .filter(placed -> placed.finding() == finding)
                        .distinct()
                        .count())
                .max()
                .orElseThrow();
    }

    private static PlacedFinding find(Visit visit, Finding finding) {
        return visit.findings().stream()
                .filter(placed -> placed.finding() == finding)
                .findFirst()
                .orElseThrow();
    }

    private static List<Patient> patients(SynthConfig.Format format) {
        SynthConfig config = SynthTree.config(format, MANY, 7);
        return new ArrayList<>(
                IntStream.range(0, MANY).mapToObj(i -> Patient.draw(config, i)).toList());
    }
}
