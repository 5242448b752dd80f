package perdura.store.relay;

import org.jspecify.annotations.Nullable;

/**
 * State of the relay.
 *
 * @param delivered rows sent
 * @param pending rows still to be sent
 * @param parked rows set aside for an error that can't heal
 * @param lastError newest failure, if any
 */
public record RelayReport(
        long delivered, long pending, long parked, @Nullable String lastError) {}
