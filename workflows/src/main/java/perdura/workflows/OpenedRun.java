package perdura.workflows;

/**
 * A run as the store has it when a workflow takes it up.
 *
 * @param status {@code RunStatus} name: RUNNING, or FINISHED when nothing is left to do
 * @param step optimiser steps committed
 * @param stateDigest SHA-256 of the state at that step, or empty when nothing was committed
 * @param paused whether the store says that the run is paused
 */
public record OpenedRun(String status, long step, String stateDigest, boolean paused) {}
