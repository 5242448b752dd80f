package perdura.experiments.submit;

import java.security.SecureRandom;
import java.util.Locale;
import java.util.random.RandomGenerator;
import perdura.grids.spec.RunId;

/** Invents ids for new runs. */
final class RunNames {
    private static final String BASE_32 = "abcdefghijklmnopqrstuvwxyz234567";
    private static final int SUFFIX_LENGTH = 6;
    private static final int LONGEST_NAME = 93;

    private final RandomGenerator random;

    RunNames() {
        this(new SecureRandom());
    }

    RunNames(RandomGenerator random) {
        this.random = random;
    }

    /** The spec's name in lower case, a dash, and six random letters and digits. */
    RunId next(String specName) {
        String name = specName.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9-]", "-");
        name = Character.isLetter(name.charAt(0)) ? name : "run-" + name;
        StringBuilder id = new StringBuilder(name.substring(0, Math.min(name.length(), LONGEST_NAME))).append('-');
        for (int i = 0; i < SUFFIX_LENGTH; i++) {
            id.append(BASE_32.charAt(random.nextInt(BASE_32.length())));
        }
        return new RunId(id.toString());
    }
}
