package perdura.cli.chaos;

import java.io.IOException;
import java.nio.file.Path;

/** A spec that is submitted again and again, by the command line. */
record Submission(Platform platform, Path spec) {
    /** Starts a run and returns its id. */
    String submit() throws IOException, InterruptedException {
        return platform.run(
                        "pretrain",
                        "-f",
                        spec.toString(),
                        "--detach",
                        "--home",
                        platform.home().toString())
                .strip();
    }
}
