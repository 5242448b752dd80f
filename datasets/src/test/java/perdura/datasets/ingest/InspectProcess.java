package perdura.datasets.ingest;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.SourceSet;

/** A process of little memory that inspects a set of RSNA, with the images rendered at 512 pixels: 256 KiB each. */
final class InspectProcess {
    private InspectProcess() {}

    /** Argument: root of the data set. Prints how many images are sound. */
    public static void main(String[] args) {
        IngestSpec spec = new IngestSpec(
                SourceSet.RSNA,
                Path.of(args[0]),
                IngestSpec.Profile.PRIOR,
                512,
                null,
                1,
                IngestSpec.Sections.FINDINGS,
                null,
                new IngestSpec.Sampling(114_514, 1),
                false,
                false);
        System.out.println(Ingest.inspect(spec, 2, (samples, all, faults) -> {}).images());
    }

    /** Starts one; stderr joins stdout. */
    static Process start(Path root, int megabytes) throws IOException {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + megabytes + "m",
                "-cp",
                System.getProperty("java.class.path"),
                InspectProcess.class.getName(),
                root.toString());
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }
}
