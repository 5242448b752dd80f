package perdura.cli.stack;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import perdura.datasets.file.AtomicFile;
import perdura.datasets.file.PrivateFiles;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/**
 * The passwords of the local stack: random, each in a file that its owner alone can read.
 *
 * @param folder for instance {@code .perdura/secrets}
 */
record Secrets(Path folder) {
    private static final int BYTES = 24;

    /** Where the password of an account is, for people. */
    Path file(String account) {
        return folder.resolve(account);
    }

    /** The password of an account, if it has one. */
    Optional<String> find(String account) {
        try {
            return Optional.of(Files.readString(file(account)).strip());
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new PerduraException(
                    ErrorCode.ARTIFACT_STORE_UNAVAILABLE,
                    file(account) + ": the password cannot be read (" + e + ")",
                    e);
        }
    }

    /** The password of an account, which gets one now if it has none. */
    String findOrMake(String account) {
        return find(account).orElseGet(() -> {
            String password = random();
            save(account, password);
            return password;
        });
    }

    void save(String account, String password) {
        try {
            PrivateFiles.createDirectories(folder);
            PrivateFiles.close(folder);
            AtomicFile.write(file(account), (password + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new PerduraException(
                    ErrorCode.ARTIFACT_STORE_UNAVAILABLE,
                    file(account) + ": the password cannot be written (" + e + ")",
                    e);
        }
    }

    /** Letters, digits, minus and underscore: no place where it is written needs to quote it. */
    static String random() {
        byte[] bytes = new byte[BYTES];
        new SecureRandom().nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
