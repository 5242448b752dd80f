package perdura.grids.spec;

import java.util.regex.Pattern;

/**
 * The identity of a trial: two trials with the same key are the same and run once.
 *
 * @param digest SHA-256 of its {@link TrialIdentity}, 64 hexadecimal digits
 */
public record TrialKey(String digest) {
    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

    public TrialKey {
        if (!DIGEST.matcher(digest).matches()) {
            throw new IllegalArgumentException("a trial key is 64 hexadecimal digits, was " + digest);
        }
    }

    @Override
    public String toString() {
        return digest;
    }
}
