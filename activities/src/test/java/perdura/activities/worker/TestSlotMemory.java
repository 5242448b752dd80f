package perdura.activities.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import perdura.activities.worker.SlotProcess.SlotMemory;

class TestSlotMemory {
    @ParameterizedTest
    @CsvSource({
        // machine GiB, slots, heap MiB, direct MiB
        "2, 1, 512, 1024",
        "8, 1, 2048, 4096",
        "16, 1, 4096, 6144",
        "64, 1, 16384, 16384",
        "64, 8, 2048, 6144",
        "1024, 8, 32768, 32768"
    })
    void aSlotGetsItsShareAndRoomForAFullSizeState(long machineGib, int slots, long heapMib, long directMib) {
        assertThat(SlotMemory.of(machineGib << 30, slots)).isEqualTo(new SlotMemory(heapMib << 20, directMib << 20));
    }
}
