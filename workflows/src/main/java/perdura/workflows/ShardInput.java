package perdura.workflows;

/**
 * What a shard starts from.
 *
 * @param execution the execution of the sweep's workflow, as the store knows it
 * @param slot place in the plan, from 0. The first one waits where there is nothing to do yet, the others end
 * @param order the first one
 */
public record ShardInput(String sweepId, String execution, int slot, ShardOrder order) {}
