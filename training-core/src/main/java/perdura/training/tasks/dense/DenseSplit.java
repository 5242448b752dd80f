package perdura.training.tasks.dense;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import perdura.grids.spec.EnumWord;
import perdura.grids.spec.SplitSpec;

/** What the parameter {@code split} of a task on masks or boxes may say. */
enum DenseSplit {
    /** PRIOR's: five folds (prior.md 4). */
    STANDARD(SplitSpec.Method.FOLDS),
    /** SENSE's: 70 / 15 / 15 (sense.md 4.4). */
    HELD_OUT(SplitSpec.Method.HELD_OUT),
    RATIO_622(SplitSpec.Method.RATIO_622),
    FOLDS(SplitSpec.Method.FOLDS);

    private final SplitSpec.Method method;

    DenseSplit(SplitSpec.Method method) {
        this.method = method;
    }

    static List<String> words() {
        return Arrays.stream(values()).map(DenseSplit::word).toList();
    }

    static DenseSplit ofWord(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT).replace('-', '_'));
    }

    String word() {
        return EnumWord.of(this);
    }

    boolean hasFolds() {
        return method == SplitSpec.Method.FOLDS;
    }

    /** Sets of images alone are split by image, as their papers do. */
    SplitSpec spec(long seed, int fold) {
        return new SplitSpec(method, seed, fold, false, 1, SplitSpec.FractionRule.PLAIN);
    }
}
