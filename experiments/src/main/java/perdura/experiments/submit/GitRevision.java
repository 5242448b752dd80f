package perdura.experiments.submit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The revision of the git work tree around a folder. */
public final class GitRevision {
    private GitRevision() {}

    /** The commit's hash; empty outside a work tree, or without git. */
    public static Optional<String> find(Path folder) {
        try {
            Process git = new ProcessBuilder("git", "-C", folder.toString(), "rev-parse", "HEAD")
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String answer = new String(git.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
            boolean done = git.waitFor(5, TimeUnit.SECONDS) && git.exitValue() == 0;
            return done && answer.matches("[0-9a-f]{40,64}") ? Optional.of(answer) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }
}
