package perdura.activities.gpu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import perdura.grids.spec.RunKind;
import perdura.store.Run;
import perdura.training.tasks.Tasks;
import perdura.training.torch.Torch;

/** Pre-trainings, and trials of every task. */
public record RunJobFactory(Tasks tasks) implements JobFactory {
    @Override
    public RunRecipe read(Run run, RunStore store) {
        return run.identity().kind() == RunKind.PRETRAIN
                ? PretrainJobFactory.read(run)
                : new TrialJobFactory(tasks, store).read(run);
    }

    @Override
    public String describeEngine(String device) {
        return "torch " + Torch.engineVersion() + ", " + Torch.kindOf(device) + ", " + CpuKind.describe();
    }

    /** The kind of the processor, as far as the engine chooses its kernels by it. */
    static final class CpuKind {
        private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

        /** Instruction sets that change which kernels run, hence the last bits. */
        private static final List<String> DECISIVE =
                List.of("avx2", "fma", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16");

        private CpuKind() {}

        static String describe() {
            try (Stream<String> lines = Files.lines(CPU_INFO)) {
                return describe(lines.takeWhile(line -> !line.isBlank()).toList());
            } catch (IOException notLinux) {
                return System.getProperty("os.arch");
            }
        }

        /** @param cpuInfo lines {@code key : value} of the first processor */
        static String describe(List<String> cpuInfo) {
            String model = value(cpuInfo, "model name");
            Set<String> flags = new HashSet<>(List.of(value(cpuInfo, "flags").split(" +")));
            List<String> decisive = DECISIVE.stream().filter(flags::contains).toList();
            return model + " " + decisive;
        }

        private static String value(List<String> cpuInfo, String key) {
            return cpuInfo.stream()
                    .filter(line -> line.startsWith(key))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("unknown");
        }
    }
}
