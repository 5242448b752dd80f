package perdura.grids.read;

import static perdura.grids.codec.Codecs.whole;
import static perdura.grids.codec.Codecs.wholeLong;
import static perdura.grids.codec.Field.field;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import perdura.grids.codec.Codec;
import perdura.grids.codec.Place;
import perdura.grids.codec.Reading;
import perdura.grids.codec.RecordCodec;
import perdura.grids.codec.SpecNode;
import perdura.grids.spec.ParameterType;

/** Reads {@code matrix.seeds}: a list of integers, or {@code {from: 114514, count: 5}}. */
final class SeedFields {
    private static final int MOST = 100_000;
    private static final Codec<Long> SEED = wholeLong(0, ParameterType.Whole.GREATEST);
    private static final RecordCodec<Counted> COUNTED = RecordCodec.of(
            Counted.class,
            field("from", wholeLong(0, ParameterType.Whole.GREATEST - MOST)).means("the first"),
            field("count", whole(1, MOST)).means("how many, each one greater"));

    private record Counted(long from, int count) {}

    private SeedFields() {}

    /** JSON Schema, draft 7. */
    static Map<String, Object> schema() {
        Map<String, Object> list = new LinkedHashMap<>();
        list.put("type", "array");
        list.put("items", SEED.schema());
        list.put("minItems", 1);
        list.put("uniqueItems", true);
        Map<String, Object> counted = COUNTED.schema();
        counted.put("required", List.of("from", "count"));
        return Map.of("anyOf", List.of(list, counted));
    }

    /** The seeds; at least one, whatever is wrong. */
    static List<Long> read(SpecNode node, Reading at) {
        if (node instanceof SpecNode.Mapping mapping) {
            Counted counted = COUNTED.read(mapping, at);
            return LongStream.range(counted.from(), counted.from() + counted.count())
                    .boxed()
                    .toList();
        }
        if (!(node instanceof SpecNode.Sequence list)) {
            at.expected(node, "a list of integers, or {from: 114514, count: 5}");
            return List.of(0L);
        }
        if (list.items().isEmpty()) {
            at.fault(list, "is empty; give at least one seed, or leave the key out");
        }
        Map<Long, Place> places = new LinkedHashMap<>();
        for (int i = 0; i < list.items().size(); i++) {
            SpecNode item = list.items().get(i);
            int faults = at.problems().count();
            Long seed = SEED.read(item, at.item(i));
            Place earlier = at.problems().count() == faults ? places.putIfAbsent(seed, item.place()) : null;
            if (earlier != null) {
                at.item(i).fault(item, "comes twice, first at " + earlier + "; keep one");
            }
        }
        return places.isEmpty() ? List.of(0L) : List.copyOf(places.keySet());
    }
}
