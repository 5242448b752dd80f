package perdura.training.methods.sense.model;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.methods.sense.spec.SenseSpec;
import perdura.training.torch.Parameters;
import perdura.training.torch.Script;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;

/**
 * The queues of keys (sense.md 2): rings of L slots that share position, count and the study of each slot, -1 where it is free; and, for
 * S-MMC in the form {@code QUEUE_LABEL}, one of fused keys with labels, which is emptied where an epoch begins.
 */
public final class Rings implements AutoCloseable {
    private static final String SCRIPT = """
        def enqueue(self: __torch__.Script, rings: List[Tensor], rows: List[Tensor], position: Tensor, count: Tensor) -> Tensor:
          n = torch.size(rows[0], 0)
          length = torch.size(rings[0], 0)
          places = torch.arange(0, n, dtype=None, layout=None, device=position.device)
          slots = torch.remainder(torch.add(places, position), length)
          for i in range(torch.len(rows)):
            _0 = torch.index_copy_(rings[i], 0, slots, rows[i])
          _1 = torch.remainder_(torch.add_(position, n), length)
          _2 = torch.clamp_(torch.add_(count, n), None, length)
          return count
        def clear(self: __torch__.Script, zero: List[Tensor], free: Tensor) -> Tensor:
          for i in range(torch.len(zero)):
            _0 = torch.zero_(zero[i])
          return torch.fill_(free, -1)
        """;

    private final Torch torch;
    private final Script script;
    private final Parameters store;
    private final List<String> keys = new ArrayList<>(List.of("imageCross", "textCross"));
    private final boolean isFused;

    /**
     * Empty queues.
     *
     * @param type of the keys: F32, or F64 for a comparison with exact numbers
     */
    public Rings(Torch torch, SenseSpec spec, ElementType type) {
        this(
                torch,
                spec.queueLength(),
                spec.model().dim(),
                spec.model().uniProjectors(),
                SenseStep.losses(spec).readsFused()
                        ? spec.clusters().width(spec.model().dim())
                        : null,
                type);
    }

    /** @param fused width of fused keys; null for no queue of them */
    Rings(Torch torch, long length, long dim, boolean isUni, @Nullable Integer fused, ElementType type) {
        this.torch = torch;
        this.script = Script.compile(torch, SCRIPT);
        this.store = new Parameters(torch);
        this.isFused = fused != null;
        if (isUni) {
            keys.addAll(List.of("imageUni", "textUni"));
        }
        keys.forEach(name -> store.add(name, type, List.of(length, dim)));
        addPlaces("studyKeys", "position", "count", length);
        if (fused != null) {
            store.add("fused", type, List.of(length, (long) fused));
            addPlaces("fusedLabels", "fusedPosition", "fusedCount", length);
        }
        clear();
    }

    /** Empties all queues. */
    public void clear() {
        List<String> zero = new ArrayList<>(keys);
        zero.addAll(List.of("position", "count"));
        try (StepScope scope = torch.newStep()) {
            script.call(scope, "clear", List.of(store.tensors(zero)), store.tensor("studyKeys"));
            clearFused(scope);
        }
    }

    private void addPlaces(String whose, String position, String count, long length) {
        store.add(whose, ElementType.I64, List.of(length));
        store.add(position, ElementType.I64, List.of());
        store.add(count, ElementType.I64, List.of());
    }

    /** Studies of the slots [L], keys [L, D] in the order of a batch's keys, and fused keys with their labels. */
    List<Tensor> tensors() {
        List<Tensor> tensors = new ArrayList<>(List.of(store.tensor("studyKeys")));
        tensors.addAll(store.tensors(keys));
        if (isFused) {
            tensors.addAll(store.tensors(List.of("fused", "fusedLabels")));
        }
        return tensors;
    }

    /**
     * Puts a batch's keys into the next slots; no more than there are slots.
     *
     * @param rows [B, D], the first queues'
     * @param studies int64 [B]
     * @return slots that are filled now
     */
    public long enqueue(StepScope scope, List<Tensor> rows, Tensor studies) {
        List<String> names = new ArrayList<>(keys.subList(0, rows.size()));
        names.add("studyKeys");
        List<Tensor> all = new ArrayList<>(rows);
        all.add(studies);
        return enqueue(scope, names, all, "position", "count");
    }

    /**
     * Puts a batch's fused keys into the next slots.
     *
     * @param fused [B, width]
     * @param labels int64 [B]
     * @return slots that are filled now
     */
    public long enqueueFused(StepScope scope, Tensor fused, Tensor labels) {
        return enqueue(scope, List.of("fused", "fusedLabels"), List.of(fused, labels), "fusedPosition", "fusedCount");
    }

    private long enqueue(StepScope scope, List<String> rings, List<Tensor> rows, String position, String count) {
        return (long) script.call(
                        scope,
                        "enqueue",
                        List.of(store.tensors(rings), rows),
                        store.tensor(position),
                        store.tensor(count))
                .get(0)
                .item();
    }

    /** Empties the queue of fused keys, if there is one: where an epoch begins, as labels change. */
    public void clearFused(StepScope scope) {
        if (isFused) {
            script.call(
                    scope,
                    "clear",
                    List.of(store.tensors(List.of("fused", "fusedPosition", "fusedCount"))),
                    store.tensor("fusedLabels"));
        }
    }

    /** A copy in memory that the next call writes to again. */
    public List<HostTensor> copyState() {
        return store.copyOut();
    }

    /** Replaces all; {@link Parameters#copyIn(List)} says what is refused. */
    public void loadState(List<HostTensor> values) {
        store.copyIn(values);
    }

    @Override
    public void close() {
        store.close();
        script.close();
    }
}
