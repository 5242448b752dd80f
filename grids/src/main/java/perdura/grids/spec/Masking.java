package perdura.grids.spec;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The one place that hides secrets in what people read: the values that it was told of, and what looks like a secret in an
 * address, whoever has put it there. Thread-safe.
 */
public final class Masking {
    /** What stands in a secret's place. */
    public static final String MASK = "***";

    /** A shorter value would be found in every other word. */
    private static final int SHORTEST = 4;

    private static final String SECRET_NAME =
            "[\\w.%-]*(?:pass|pwd|secret|token|credential|api[_.-]?key|access[_.-]?key|private[_.-]?key|auth)[\\w.%-]*";

    /** {@code ?Password=...}, {@code &api_key=...}, {@code ;pwd=...}; to the end of the parameter. */
    private static final Pattern PARAMETER = Pattern.compile("(?i)([?&;](?:" + SECRET_NAME + ")=)[^&\\s'\"]*");

    /** {@code //user:password@}, also where the password holds slashes or an {@code @}. */
    private static final Pattern USER = Pattern.compile("(?<=//)[^\\s'\"?]*@");

    /** {@code Authorization: Bearer ...}. */
    private static final Pattern HEADER = Pattern.compile("(?i)\\b(Bearer|Basic)\\s+[\\w.~+/=-]{4,}");

    private final List<String> secrets = new CopyOnWriteArrayList<>();

    /** Hides these values from now on. */
    public void hide(Collection<String> values) {
        for (String value : values) {
            if (value.length() >= SHORTEST && !secrets.contains(value)) {
                secrets.add(value);
            }
        }
        secrets.sort((a, b) -> b.length() - a.length());
    }

    /** The text with every secret that it was told of, and every one that an address holds, replaced. */
    public String mask(String text) {
        return addresses(known(text));
    }

    /** The text with the secrets that it was told of replaced. */
    public String known(String text) {
        String masked = text;
        for (String secret : secrets) {
            masked = masked.contains(secret) ? replaced(masked, secret) : masked;
        }
        return masked;
    }

    /** A password that is a word is hidden where it is one: within another word it would only spoil that. */
    private static String replaced(String text, String secret) {
        String quoted = Pattern.quote(secret);
        boolean isWord = secret.chars().allMatch(Character::isLetter);
        String found = isWord ? "(?<![\\p{L}\\d])" + quoted + "(?![\\p{L}\\d])" : quoted;
        return text.replaceAll(found, Matcher.quoteReplacement(MASK));
    }

    /** The text with what looks like a secret in an address replaced. */
    public static String addresses(String text) {
        String masked = USER.matcher(text).replaceAll(MASK + "@");
        masked = PARAMETER.matcher(masked).replaceAll("$1" + MASK);
        return HEADER.matcher(masked).replaceAll("$1 " + MASK);
    }

    /** Whether an address holds what looks like a user, a password or a key. */
    public static boolean holdsSecret(String address) {
        String decoded = decoded(address);
        return !addresses(address).equals(address) || !addresses(decoded).equals(decoded);
    }

    /** The values among some variables whose names say that they are secret. */
    public static List<String> secretValues(Map<String, String> variables) {
        Pattern name = Pattern.compile("(?i)" + SECRET_NAME);
        return variables.entrySet().stream()
                .filter(variable -> variable.getKey().startsWith("PERDURA_"))
                .filter(variable -> name.matcher(variable.getKey()).matches())
                .map(Map.Entry::getValue)
                .toList();
    }

    private static String decoded(String address) {
        try {
            return URLDecoder.decode(address, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return address;
        }
    }
}
