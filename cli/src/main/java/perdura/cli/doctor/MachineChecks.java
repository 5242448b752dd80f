package perdura.cli.doctor;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import perdura.cli.doctor.ServiceChecks.Diagnosis;
import perdura.cli.stack.Launcher;
import perdura.cli.stack.StackHome;
import perdura.datasets.file.DiskSpace;
import perdura.grids.spec.PerduraException;
import perdura.training.torch.Torch;

/** Looks at this machine: Java, the engine, disk space, helper programs. */
public final class MachineChecks {
    private static final long LITTLE_BYTES = 2L << 30;

    private final StackHome home;
    private final Map<String, String> environment;

    public MachineChecks(StackHome home, Map<String, String> environment) {
        this.home = home;
        this.environment = environment;
    }

    public List<Diagnosis> run() {
        return List.of(java(), engine(), disk(), programs());
    }

    private static Diagnosis java() {
        String version = "Java " + Runtime.version() + ", " + System.getProperty("java.vendor");
        return Runtime.version().feature() < 17
                ? Diagnosis.broken("Java", version, "Install a JDK 17 or newer and set JAVA_HOME.")
                : Diagnosis.good("Java", version);
    }

    private static Diagnosis engine() {
        try (Torch torch = Torch.start("auto", 1)) {
            return Diagnosis.good("Engine", "PyTorch " + Torch.engineVersion() + " on " + torch.kind());
        } catch (PerduraException | IllegalStateException | UnsatisfiedLinkError e) {
            return Diagnosis.broken(
                    "Engine",
                    "does not load: " + e.getMessage(),
                    "The native libraries are for Linux on x86-64 with glibc; take such a machine or the image of docker/.");
        }
    }

    private Diagnosis disk() {
        Path folder = home.folder();
        try {
            DiskSpace disk = DiskSpace.of(folder);
            if (disk.isShortOf(StackHome.SMALLEST_ROOM)) {
                return Diagnosis.broken(
                        "Disk",
                        disk.sentence(StackHome.SMALLEST_ROOM, "the stack"),
                        "Make room: Postgres, Temporal, MLflow and logs write there. What has ended starts by itself then.");
            }
            String finding = (disk.freeBytes() >> 20) + " MiB free under " + folder;
            return disk.isShortOf(LITTLE_BYTES)
                    ? Diagnosis.broken("Disk", finding, "Make room: checkpoints, Postgres and MLflow write there.")
                    : Diagnosis.good("Disk", finding);
        } catch (IOException e) {
            return Diagnosis.broken("Disk", folder + " cannot be read: " + e, "Choose another folder with --home.");
        }
    }

    private Diagnosis programs() {
        String python = has("python3") ? "Python 3 is there" : "no Python 3: no local MLflow, the outbox keeps all";
        String temporal = has("temporal")
                ? "the Temporal server is there"
                : has("go") ? "Go is there to build the Temporal server" : "no 'temporal' and no Go";
        return Diagnosis.good("Programs", python + "; " + temporal);
    }

    private boolean has(String program) {
        return new Launcher(environment.getOrDefault("PATH", ""))
                .findProgram(program)
                .isPresent();
    }
}
