package perdura.activities.io.airflow;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/**
 * What Airflow answered.
 *
 * @param call method and path of the request, for messages
 * @param json whether the body was a JSON object; Airflow answers some errors with a page
 * @param body the JSON, or a missing node
 */
record AirflowReply(String call, int status, boolean json, JsonNode body) {
    private static final Set<Integer> NOT_LET_IN = Set.of(401, 403);
    private static final Set<Integer> REFUSED_AS_WRONG = Set.of(400, 422);
    private static final Set<Integer> CAN_HEAL = Set.of(407, 408, 409, 425, 429);
    private static final int SHOWN = 300;

    boolean isOk() {
        return status == 200 || status == 201;
    }

    boolean isNotLetIn() {
        return NOT_LET_IN.contains(status);
    }

    /** Whether Airflow itself lacks the thing: a proxy that has lost Airflow has other words. */
    boolean isNotFound() {
        return status == 404 && body.has("detail");
    }

    /**
     * The reply itself if it is a good one.
     *
     * @throws PerduraException SERVICE_UNAVAILABLE if another try may succeed; INVALID_SPEC if Airflow says that the request
     *     is wrong; NOT_FOUND or INTERNAL otherwise
     */
    AirflowReply requireOk() {
        if (isOk() && json) {
            return this;
        }
        String remedy = isNotLetIn() ? "; correct airflow.user and airflow.password, or airflow.token" : "";
        throw new PerduraException(code(), this + remedy);
    }

    private ErrorCode code() {
        if (REFUSED_AS_WRONG.contains(status)) {
            return ErrorCode.INVALID_SPEC;
        }
        // A proxy, a moved page, or no Airflow at all.
        boolean otherServer = (!json && status < 500) || (status == 404 && !isNotFound());
        if (isNotLetIn() || CAN_HEAL.contains(status) || otherServer || status >= 500) {
            return ErrorCode.SERVICE_UNAVAILABLE;
        }
        return status == 404 ? ErrorCode.NOT_FOUND : ErrorCode.INTERNAL;
    }

    /** Airflow's own words for an error, on one line; they may hold values of {@code conf}. */
    String words() {
        JsonNode detail = body.path("detail");
        String text;
        if (detail.isArray()) {
            text = StreamSupport.stream(detail.spliterator(), false)
                    .map(AirflowReply::fault)
                    .collect(Collectors.joining("; "));
        } else if (detail.isObject()) {
            text = detail.path("reason").asText("");
        } else {
            text = detail.asText("");
        }
        if (text.isEmpty() || detail.isNull()) {
            text = body.path("title").asText(body.path("error").asText(""));
        }
        String line = text.replaceAll("\\s+", " ").strip();
        return line.length() <= SHOWN ? line : line.substring(0, SHOWN) + "...";
    }

    /** A fault as Airflow 3 lists it; its key {@code input} would repeat the whole request. */
    private static String fault(JsonNode fault) {
        String place = StreamSupport.stream(fault.path("loc").spliterator(), false)
                .map(JsonNode::asText)
                .collect(Collectors.joining("."));
        return place + ": " + fault.path("msg").asText("");
    }

    @Override
    public String toString() {
        String words = words();
        return "Airflow answered " + call + " with " + status
                + (json ? words.isEmpty() ? "" : ": " + words : ", not in JSON");
    }
}
