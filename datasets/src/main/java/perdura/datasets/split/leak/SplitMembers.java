package perdura.datasets.split.leak;

import java.util.function.Consumer;

/** The images of one part of a split of an ingested data set, as a stream that can be read again. */
public interface SplitMembers {
    /** Name of the data set, as it stands in allowances. */
    String dataSet();

    /** The split and its part, for people: for instance {@code official/train}. */
    String part();

    /** Where patient ids are given out: patients of two sets are compared only if their domains are equal. */
    String patientDomain();

    /** How many members there are; {@link #forEach} gives exactly as many. */
    int size();

    /** Gives all members, each time the same ones in the same order. */
    void forEach(Consumer<SplitMember> members);
}
