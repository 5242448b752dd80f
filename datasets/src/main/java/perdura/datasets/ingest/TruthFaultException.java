package perdura.datasets.ingest;

import perdura.datasets.source.DataFault;

/** A mask or a box that does not fit its image. */
final class TruthFaultException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient DataFault fault;

    TruthFaultException(DataFault fault) {
        super(fault.toString());
        this.fault = fault;
    }

    DataFault fault() {
        return fault;
    }
}
