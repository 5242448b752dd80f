package perdura.workflows;

import org.jspecify.annotations.Nullable;

/**
 * A run as the store has it when a workflow takes it up.
 *
 * @param status {@code RunStatus} name: RUNNING, or FINISHED when nothing is left to do
 * @param step optimiser steps committed
 * @param stateDigest SHA-256 of the state at that step, or empty when nothing was committed
 * @param paused whether the store says that the run is paused
 * @param dag the DAG of Airflow that must have run before the run begins, or null for none
 */
public record OpenedRun(
        String status,
        long step,
        String stateDigest,
        boolean paused,
        @Nullable String dag) {}
