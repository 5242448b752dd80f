package perdura.activities.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import perdura.activities.gpu.JobContext.DeviceChoice;
import perdura.activities.gpu.RunJobFactory.CpuKind;

class TestEnvironmentWords {
    @Test
    void theKindOfAProcessorIsItsModelAndItsVectorInstructions() {
        List<String> cpuInfo = List.of(
                "processor\t: 0", "model name\t: Fast CPU 3000", "flags\t\t: fpu sse avx2 fma avx512f avx512_vnni");

        assertThat(CpuKind.describe(cpuInfo)).isEqualTo("Fast CPU 3000 [avx2, fma, avx512f, avx512_vnni]");
    }

    @Test
    void aProcessorThatTellsNothingIsUnknown() {
        assertThat(CpuKind.describe(List.of())).isEqualTo("unknown []");
    }

    @ParameterizedTest
    @CsvSource({
        "auto, cuda:1, cuda:1",
        "auto, auto, auto",
        "cpu, cuda:1, cpu",
        "cuda:0, cuda:1, cuda:1",
        "cuda:0, cpu, cuda:0",
        "cpu, auto, cpu"
    })
    void aRunGetsTheSlotsDeviceUnlessItAsksForAnotherKind(String wanted, String slot, String chosen) {
        assertThat(DeviceChoice.choose(wanted, slot)).isEqualTo(chosen);
    }
}
