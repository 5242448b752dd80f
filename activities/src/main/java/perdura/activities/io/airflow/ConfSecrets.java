package perdura.activities.io.airflow;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/**
 * Puts secrets into the {@code conf} of a DAG run at the moment of the request: spec, store and workflow history have only
 * {@code ${PERDURA_SECRET_NAME}}, the name of the worker's variable.
 *
 * @param secrets by the names of variables
 */
record ConfSecrets(Map<String, String> secrets) {
    private static final Pattern NAME = Pattern.compile("\\$\\{(PERDURA_SECRET_\\w+)}");

    /** @throws PerduraException INVALID_SPEC if a variable is named that the worker does not have */
    Map<String, @Nullable Object> fillIn(Map<String, @Nullable Object> conf) {
        return map(conf);
    }

    private Map<String, @Nullable Object> map(Map<?, ? extends @Nullable Object> map) {
        Map<String, @Nullable Object> filled = new LinkedHashMap<>();
        map.forEach((key, value) -> filled.put((String) key, value(value)));
        return filled;
    }

    private @Nullable Object value(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            return map(map);
        }
        if (value instanceof List<?> list) {
            List<@Nullable Object> filled = new ArrayList<>();
            list.forEach(item -> filled.add(value(item)));
            return filled;
        }
        return value instanceof String text ? NAME.matcher(text).replaceAll(this::secret) : value;
    }

    private String secret(MatchResult match) {
        String secret = secrets.get(match.group(1));
        if (secret == null) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    "execution.prepare.airflow.conf names ${" + match.group(1)
                            + "}, a variable that the worker on the queue airflow does not have; set it there, then resume the run");
        }
        return Matcher.quoteReplacement(secret);
    }
}
