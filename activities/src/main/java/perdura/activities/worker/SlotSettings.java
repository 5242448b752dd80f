package perdura.activities.worker;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.temporal.common.converter.JacksonJsonPayloadConverter;
import java.io.BufferedReader;
import java.io.IOException;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/**
 * What the process of a slot learns from its supervisor, as one line of JSON on its standard input: secrets stay off
 * command lines and environments.
 *
 * @param slot number of the slot in its worker, from 0
 * @param device {@code auto}, {@code cpu} or {@code cuda:N}
 */
record SlotSettings(WorkerConfig worker, int slot, String device) {
    private static final ObjectMapper JSON = JacksonJsonPayloadConverter.newDefaultObjectMapper();

    String toLine() {
        try {
            return JSON.writeValueAsString(this) + "\n";
        } catch (JsonProcessingException e) {
            throw new PerduraException(ErrorCode.INTERNAL, "the settings of a slot can't be written", e);
        }
    }

    static SlotSettings read(BufferedReader in) throws IOException {
        String line = in.readLine();
        if (line == null) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    "standard input has no settings: this program is started by a worker's supervisor only");
        }
        return JSON.readValue(line, SlotSettings.class);
    }
}
