package perdura.datasets.data;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import perdura.datasets.split.BinaryLabels;
import perdura.datasets.split.FoldSplit;
import perdura.datasets.split.GivenSplit;
import perdura.datasets.split.HeldOutSplit;
import perdura.datasets.split.LabelFraction;
import perdura.datasets.split.RatioSplit;
import perdura.datasets.split.RowList;
import perdura.datasets.split.Samples;
import perdura.datasets.split.Split;
import perdura.datasets.split.chexpert.ChexpertLabels;
import perdura.datasets.split.chexpert.ChexpertSplits;
import perdura.datasets.split.chexpert.ChexpertTable;
import perdura.datasets.split.chexpert.FiveByTwoHundred;
import perdura.grids.spec.EnumWord;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.SourceSet;
import perdura.grids.spec.SplitSpec;

/** Makes the splits of ingested data sets. */
public final class DataSetSplits {
    private static final List<String> OFFICIAL = List.of("train", "validate", "test");

    private final DataSet data;
    private final Samples samples;

    public DataSetSplits(DataSet data) {
        this.data = data;
        List<String> ids = new ArrayList<>();
        List<String> patients = new ArrayList<>();
        for (int row = 0; row < data.size(); row++) {
            ids.add(data.sampleId(row));
            patients.add(data.patientId(row));
        }
        this.samples = new Samples(ids, patients);
    }

    /** The samples that splits are of; their rows are the data set's. */
    public Samples samples() {
        return samples;
    }

    /**
     * A split.
     *
     * @param rows that take part
     * @throws PerduraException INVALID_SPEC if the method does not fit the set; INVALID_DATA if a part stays empty
     */
    public Split make(SplitSpec spec, RowList rows) {
        Split whole = whole(spec, rows);
        return spec.fraction() == 1
                ? whole
                : fraction(whole, spec.fraction(), spec.fractionRule(), labels(), spec.seed());
    }

    /**
     * The split with a share of its training part.
     *
     * @param fraction in (0, 1)
     * @param labels by which a stratified share is drawn
     */
    public Split fraction(Split whole, double fraction, SplitSpec.FractionRule rule, BinaryLabels labels, long seed) {
        RowList train = whole.rows(Split.TRAIN);
        RowList fewer = switch (rule) {
            case PLAIN -> LabelFraction.plain(train, fraction, seed);
            case STRATIFIED -> LabelFraction.stratified(samples, train, labels, fraction, seed);
        };
        Map<String, Object> how = new LinkedHashMap<>();
        how.put("fraction", fraction);
        how.put("fractionRule", EnumWord.of(rule));
        how.put("fractionSeed", seed);
        return whole.withTrain(whole.name() + " " + fraction, how, samples, fewer);
    }

    private Split whole(SplitSpec spec, RowList rows) {
        Split.Unit unit = spec.byPatient() ? Split.Unit.PATIENT : Split.Unit.SAMPLE;
        String name = EnumWord.of(spec.method());
        return switch (spec.method()) {
            case OFFICIAL -> official(name);
            case RATIO_622 -> RatioSplit.sixTwoTwo(name, samples, rows, unit, spec.seed());
            case HELD_OUT -> HeldOutSplit.of(name, samples, samples.ascending(rows), spec.seed());
            case FOLDS -> FoldSplit.five(name, samples, rows, unit, spec.seed()).get(spec.fold());
            case CHEXPERT_PRIOR -> {
                ChexpertTable table = chexpert(spec);
                yield ChexpertSplits.prior(name, table, fiveByTwoHundred(table, spec), spec.seed());
            }
            case CHEXPERT_GLORIA -> {
                ChexpertTable table = chexpert(spec);
                yield ChexpertSplits.gloria(
                        name, table, fiveByTwoHundred(table, spec), ChexpertSplits.VALIDATION_IMAGES);
            }
        };
    }

    private Split official(String name) {
        List<String> parts =
                IntStream.range(0, samples.size()).mapToObj(data::split).toList();
        List<String> present = OFFICIAL.stream().filter(parts::contains).toList();
        if (present.isEmpty()) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    "the owner of " + data.header().set().word() + " gives no split; take another method");
        }
        return GivenSplit.of(name, samples, parts, present);
    }

    private ChexpertTable chexpert(SplitSpec spec) {
        if (data.header().set() != SourceSet.CHEXPERT) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    "the split " + EnumWord.of(spec.method()) + " is one of chexpert, the data set is of "
                            + data.header().set().word());
        }
        List<ChexpertTable.Row> rows = new ArrayList<>();
        for (int row = 0; row < data.size(); row++) {
            ChexpertTable.Image image =
                    ChexpertTable.Image.parse(data.sampleId(row)).orElseThrow();
            rows.add(new ChexpertTable.Row(image, ChexpertTable.Row.View.FRONTAL, data.mentions(row)));
        }
        return ChexpertTable.of(rows);
    }

    private static Split fiveByTwoHundred(ChexpertTable table, SplitSpec spec) {
        String name = SourceSet.CHEXPERT_5X200.word();
        return spec.method() == SplitSpec.Method.CHEXPERT_GLORIA
                ? FiveByTwoHundred.drawnByLegacy(name, table, FiveByTwoHundred.PER_CLASS)
                : FiveByTwoHundred.drawnBySeed(name, table, FiveByTwoHundred.PER_CLASS, spec.seed());
    }

    /** The labels that a task learns: CheXpert's five by its rules, else those of the set. */
    private BinaryLabels labels() {
        if (data.header().set() == SourceSet.CHEXPERT) {
            return ChexpertLabels.FIVE.of(chexpert(
                    new SplitSpec(SplitSpec.Method.CHEXPERT_PRIOR, 0, 0, true, 1, SplitSpec.FractionRule.STRATIFIED)));
        }
        List<String> names = data.header().labels();
        int[] masks = new int[samples.size()];
        for (int row = 0; row < masks.length; row++) {
            for (int label = 0; label < names.size(); label++) {
                masks[row] |= data.label(row, label) == 1 ? 1 << label : 0;
            }
        }
        return new BinaryLabels(names, masks);
    }
}
