package perdura.grids.spec;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.SweepSpec.RetrySpec;

/**
 * A trial with all that its run needs to begin: what the spec of a trial's run holds.
 *
 * @param references what stands behind the parameters that name something, by path: of a data set its digest, of weights a
 *     {@link WeightLocator}; no entry where the encoder begins at random
 * @param parent identity of the weights, as {@link TrialIdentity} has it; null for a random encoder
 */
public record ResolvedTrial(
        TrialSpec spec,
        SortedMap<String, String> references,
        @Nullable String parent,
        ResourceSpec resources,
        RetrySpec retry) {
    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

    public ResolvedTrial {
        references = Collections.unmodifiableSortedMap(new TreeMap<>(references));
        references.values().forEach(ResolvedTrial::check);
    }

    private static void check(String reference) {
        if (!DIGEST.matcher(reference).matches()) {
            WeightLocator.parse(reference);
        }
    }
}
