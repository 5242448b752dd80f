package perdura.store.relay;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Requests that MLflow's log-batch takes: at most 1,000 entities, 100 of them parameters, 100 tags, and 1 MB. */
final class LogBatch {
    private static final int MAX_ENTITIES = 1_000;
    private static final int MAX_PARAMS = 100;
    private static final int MAX_TAGS = 100;
    /** 1 MB less room for the run's id and the names of the lists. */
    private static final int MAX_BYTES = 999_000;

    private LogBatch() {}

    /** A list of the request. */
    enum Part {
        METRICS("metrics", MAX_ENTITIES),
        PARAMS("params", MAX_PARAMS),
        TAGS("tags", MAX_TAGS);

        private final String name;
        private final int max;

        Part(String name, int max) {
            this.name = name;
            this.max = max;
        }
    }

    /** @param json the entity as MLflow reads it */
    record Entity(Part part, String json) {
        int bytes() {
            return json.getBytes(StandardCharsets.UTF_8).length + 1;
        }
    }

    /** Splits entities, in order, into as few groups as the limits allow. */
    static List<List<Entity>> split(List<Entity> entities) {
        List<List<Entity>> groups = new ArrayList<>();
        List<Entity> group = new ArrayList<>();
        long bytes = 0;
        for (Entity entity : entities) {
            boolean full = group.size() >= MAX_ENTITIES
                    || count(group, entity.part()) >= entity.part().max
                    || bytes + entity.bytes() > MAX_BYTES;
            if (full && !group.isEmpty()) {
                groups.add(group);
                group = new ArrayList<>();
                bytes = 0;
            }
            group.add(entity);
            bytes += entity.bytes();
        }
        if (!group.isEmpty()) {
            groups.add(group);
        }
        return groups;
    }

    private static long count(List<Entity> group, Part part) {
        return part == Part.METRICS
                ? group.size() // bounded by MAX_ENTITIES already
                : group.stream().filter(entity -> entity.part() == part).count();
    }

    /** The body of a request. */
    static String body(String runIdJson, List<Entity> group) {
        StringBuilder body = new StringBuilder("{\"run_id\":").append(runIdJson);
        for (Part part : Part.values()) {
            String entities = group.stream()
                    .filter(entity -> entity.part() == part)
                    .map(Entity::json)
                    .collect(Collectors.joining(","));
            if (!entities.isEmpty()) {
                body.append(",\"")
                        .append(part.name)
                        .append("\":[")
                        .append(entities)
                        .append(']');
            }
        }
        return body.append('}').toString();
    }
}
