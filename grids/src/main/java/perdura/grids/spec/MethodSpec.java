package perdura.grids.spec;

import java.util.List;

/** What a pre-training says of its method: the method's own part of the spec. A record of the method's package. */
public interface MethodSpec {
    /** The method's name, as specs write it. */
    String name();

    /** The plan: its stages in order, with ascending numbers; not empty. A method in one go has one stage, number 1. */
    List<? extends Stage> stages();

    /**
     * Asks whether the method can train with a batch size.
     *
     * @throws FieldFault naming the key of the method that does not fit {@code batchSize}
     */
    default void checkBatch(int batchSize) {}

    /** One stage of a plan. */
    interface Stage {
        /** Its number, from 1. */
        int stage();

        /** Passes over the data, at least 1. */
        int epochs();
    }
}
