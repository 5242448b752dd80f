package perdura.training.tasks;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import perdura.datasets.data.DataSet;
import perdura.grids.spec.EnumWord;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.SourceSet;
import perdura.grids.spec.SplitSpec;

/** What the parameter {@code split} of a task may say. */
public enum SplitChoice {
    /** As the task's paper splits this set. */
    STANDARD,
    /** 6 : 2 : 2 (prior.md 4.2); whole patients, except of RSNA and SIIM, as the paper has their images alone. */
    RATIO_622,
    /** 70 / 15 / 15 (sense.md 4.2). */
    HELD_OUT,
    /** CheXpert, prior.md 4.2. */
    CHEXPERT_PRIOR,
    /** CheXpert, sense.md 4.2. */
    CHEXPERT_GLORIA;

    public static List<String> words() {
        return Arrays.stream(values()).map(SplitChoice::word).toList();
    }

    public static SplitChoice ofWord(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT).replace('-', '_'));
    }

    public String word() {
        return EnumWord.of(this);
    }

    /**
     * The split that this means for a data set, with its whole training part.
     *
     * @param standard what the task's paper does, by set
     * @throws PerduraException INVALID_SPEC if it doesn't fit the set
     */
    public SplitSpec spec(DataSet data, Map<SourceSet, SplitChoice> standard, long seed) {
        SourceSet set = data.header().set();
        boolean isChexpert = set == SourceSet.CHEXPERT;
        SplitSpec.Method method = switch (this) {
            case STANDARD -> {
                SplitChoice own = standard.get(set);
                if (own == null) {
                    throw new PerduraException(
                            ErrorCode.INVALID_SPEC,
                            "split: standard: there is none for data set "
                                    + data.header().digest() + " (" + set.word() + "); take " + RATIO_622.word()
                                    + " or " + HELD_OUT.word());
                }
                yield SplitSpec.Method.valueOf(own.name());
            }
            case CHEXPERT_PRIOR, CHEXPERT_GLORIA -> {
                if (!isChexpert) {
                    throw new PerduraException(
                            ErrorCode.INVALID_SPEC,
                            "split: " + word() + " is one of chexpert, data set "
                                    + data.header().digest() + " is of " + set.word() + "; take " + STANDARD.word());
                }
                yield SplitSpec.Method.valueOf(name());
            }
            case RATIO_622, HELD_OUT -> SplitSpec.Method.valueOf(name());
        };
        boolean byPatient = set != SourceSet.RSNA && set != SourceSet.SIIM;
        return new SplitSpec(method, seed, 0, byPatient, 1, SplitSpec.FractionRule.PLAIN);
    }
}
