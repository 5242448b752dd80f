package perdura.store.relay;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Set;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/**
 * What MLflow answered.
 *
 * @param call method and path of the request, for messages
 * @param json whether the body was JSON; MLflow answers some errors with a page
 * @param body the JSON, or a missing node
 */
record MlflowReply(String call, int status, boolean json, JsonNode body) {
    /** Too busy, behind a proxy that has lost it, or not letting us in: a person or time heals it. */
    private static final Set<Integer> CAN_HEAL = Set.of(401, 403, 407, 408, 425, 429, 502, 503, 504);

    private static final int SHOWN = 300;

    boolean isOk() {
        return status == 200;
    }

    /** MLflow's word for the error, or empty. */
    String errorCode() {
        return body.path("error_code").asText("");
    }

    /**
     * The reply itself if it is a good one.
     *
     * @throws PerduraException SERVICE_UNAVAILABLE if another try may succeed; NOT_FOUND or INTERNAL if none will
     */
    MlflowReply requireOk() {
        if (isOk()) {
            return this;
        }
        throw new PerduraException(code(), this.toString());
    }

    private ErrorCode code() {
        boolean otherServer = status == 404 && !json; // MLflow says which thing it lacks in JSON
        boolean serverFailed = status >= 500 && json;
        boolean moved = status < 400;
        if (CAN_HEAL.contains(status) || otherServer || serverFailed || moved) {
            return ErrorCode.SERVICE_UNAVAILABLE;
        }
        return status == 404 ? ErrorCode.NOT_FOUND : ErrorCode.INTERNAL;
    }

    @Override
    public String toString() {
        String message = body.path("message").asText("");
        String shown = message.length() <= SHOWN ? message : message.substring(0, SHOWN) + "...";
        return "MLflow answered " + call + " with " + status + (json ? " " + errorCode() + " " + shown : ", not JSON");
    }
}
