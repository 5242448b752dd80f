package perdura.training.optim;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How some parameters learn.
 *
 * @param pattern a regular expression that the whole name of a parameter must match
 * @param rateFactor what a step's learning rate is multiplied with
 * @param weightDecay null for that of the optimiser
 * @param frozen whether they stay as they are
 */
public record ParameterGroup(
        Pattern pattern, double rateFactor, @Nullable Double weightDecay, boolean frozen) {
    /** All parameters below some names, with a factor of their own: {@code image|text} has {@code image.backbone.conv1.weight}. */
    public static ParameterGroup below(String names, double rateFactor) {
        return new ParameterGroup(Pattern.compile("(" + names + ")(\\..*)?"), rateFactor, null, false);
    }

    /**
     * Parameters that learn alike together, in the order of the first of each; those that are frozen are in none.
     *
     * @param groups the first that a name matches counts
     * @param weightDecay the optimiser's
     * @throws IllegalStateException if a name matches none
     */
    public static List<FusedAdam.Group> split(List<String> names, List<ParameterGroup> groups, double weightDecay) {
        record Alike(double rateFactor, double weightDecay) {}
        Map<Alike, List<String>> alike = new LinkedHashMap<>();
        for (String name : names) {
            ParameterGroup group = groups.stream()
                    .filter(each -> each.pattern.matcher(name).matches())
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("no parameter group has " + name));
            if (!group.frozen) {
                double decay = group.weightDecay == null ? weightDecay : group.weightDecay;
                alike.computeIfAbsent(new Alike(group.rateFactor, decay), added -> new ArrayList<>())
                        .add(name);
            }
        }
        List<FusedAdam.Group> split = new ArrayList<>();
        alike.forEach((how, together) -> split.add(new FusedAdam.Group(together, how.weightDecay, how.rateFactor)));
        return split;
    }
}
