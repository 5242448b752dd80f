package perdura.datasets.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import perdura.datasets.source.FaultList.DataFault;

class TestFaultList {
    private final List<DataFault> told = new ArrayList<>();
    private final FaultList faults = new FaultList(told::add);

    @Test
    void handsEveryFaultOnAndKeepsTheFirst() {
        for (int i = 0; i < 5_000; i++) {
            faults.add("a.csv", i, "damaged row");
        }

        assertThat(faults.count()).isEqualTo(5_000);
        assertThat(told).hasSize(5_000);
        assertThat(faults.first()).isEqualTo(told.subList(0, FaultList.SHOWN));
    }

    @Test
    void countsTogetherWhatDiffersInItsValuesAloneAndLeavesValuesThatAllShare() {
        faults.add("a", "Edema '3' must be 1.0, 0.0, -1.0 or blank");
        faults.add("b", "image 'x y' has no file d/x.dcm");
        faults.add("c", "Edema '' must be 1.0, 0.0, -1.0 or blank");
        faults.add("d", "not UTF-8 at byte 7");
        faults.add("e", "Edema '' must be 1.0, 0.0, -1.0 or blank");

        assertThat(faults.countsByReason())
                .containsExactly(
                        entry("Edema '\u2026' must be 1.0, 0.0, -1.0 or blank", 3L),
                        entry("image 'x y' has no file d/x.dcm", 1L),
                        entry("not UTF-8 at byte 7", 1L));
    }

    @Test
    void moreKindsThanAreToldApartAreCountedTogether() {
        for (int i = 0; i < 150; i++) {
            faults.add("a", "a".repeat(i + 1));
        }

        Map<String, Long> counts = faults.countsByReason();
        assertThat(counts).hasSize(101).containsEntry("other reasons", 50L);
        assertThat(counts.values().stream().mapToLong(Long::longValue).sum()).isEqualTo(150);
    }
}
