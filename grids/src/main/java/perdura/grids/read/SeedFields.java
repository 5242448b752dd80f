package perdura.grids.read;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import perdura.grids.spec.ParameterType;

/** Reads {@code matrix.seeds}: a list of integers, or {@code {from: 114514, count: 5}}. */
final class SeedFields {
    private static final String PATH = "matrix." + MatrixFields.SEEDS;
    private static final int MOST = 100_000;

    private SeedFields() {}

    /** The seeds; at least one, whatever is wrong. */
    static List<Long> read(SpecNode node, Problems problems) {
        List<Long> seeds = node instanceof SpecNode.Sequence list
                ? listed(list, problems)
                : node instanceof SpecNode.Mapping mapping ? counted(mapping, problems) : List.of();
        if (node instanceof SpecNode.Scalar) {
            problems.add(
                    node.place(), PATH, "expected a list of integers, or {from: 114514, count: 5}, was " + node.kind());
        }
        return seeds.isEmpty() ? List.of(0L) : seeds;
    }

    private static List<Long> counted(SpecNode.Mapping mapping, Problems problems) {
        Fields fields = Fields.at(mapping, PATH, problems);
        int count = fields.integer("count", 1, MOST);
        long from = fields.wholeNumber("from", 0, ParameterType.Whole.GREATEST - count);
        fields.refuseOtherKeys();
        List<Long> seeds = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            seeds.add(from + i);
        }
        return seeds;
    }

    private static List<Long> listed(SpecNode.Sequence list, Problems problems) {
        if (list.items().isEmpty()) {
            problems.add(list.place(), PATH, "is empty; give at least one seed, or leave the key out");
        }
        List<Long> seeds = new ArrayList<>();
        Map<Long, Place> places = new HashMap<>();
        for (int i = 0; i < list.items().size(); i++) {
            SpecNode item = list.items().get(i);
            Optional<Long> seed = item instanceof SpecNode.Scalar scalar
                    ? Fields.integer(scalar).filter(value -> value >= 0 && value <= ParameterType.Whole.GREATEST)
                    : Optional.empty();
            String path = PATH + "[" + i + "]";
            if (seed.isEmpty()) {
                problems.add(
                        item.place(),
                        path,
                        "must be an integer from 0 to " + ParameterType.Whole.GREATEST + ", was " + item.kind());
                continue;
            }
            Place earlier = places.putIfAbsent(seed.get(), item.place());
            if (earlier == null) {
                seeds.add(seed.get());
            } else {
                problems.add(item.place(), path, "comes twice, first at " + earlier + "; keep one");
            }
        }
        return seeds;
    }
}
