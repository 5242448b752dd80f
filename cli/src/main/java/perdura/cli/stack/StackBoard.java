package perdura.cli.stack;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import perdura.cli.stack.StackState.PartState;
import perdura.datasets.file.DiskSpace;
import perdura.grids.spec.PerduraException;

/** The one place of a supervising process that changes the state, in memory and in the file. Thread-safe. */
final class StackBoard {
    private static final Logger LOG = LoggerFactory.getLogger(StackBoard.class);

    private final StackHome home;
    private StackState state;
    private boolean unsaved;

    StackBoard(StackHome home) {
        this.home = home;
        this.state = home.loadState();
    }

    Path logs() {
        return home.logs();
    }

    synchronized StackState state() {
        return state;
    }

    PartState part(PartName name) {
        return state().part(name);
    }

    /** A file that cannot be written now is written later: the parts matter more than what is said about them. */
    synchronized void change(UnaryOperator<StackState> change) {
        state = change.apply(state);
        boolean wasUnsaved = unsaved;
        unsaved = true;
        save(!wasUnsaved);
        notifyAll();
    }

    /** Writes the file if the last change could not be written. */
    synchronized void saveIfMissed() {
        if (unsaved) {
            save(false);
        }
    }

    private void save(boolean tell) {
        try {
            home.saveState(state);
            unsaved = false;
        } catch (PerduraException e) {
            if (tell) {
                LOG.warn("what the stack does cannot be written down now; it goes on", e);
            }
        }
    }

    /** How full the disk is that the parts write to. */
    Optional<DiskSpace> findFullDisk() {
        return home.findFullDisk();
    }

    void changePart(PartName name, UnaryOperator<PartState> change) {
        change(s -> s.with(name, change.apply(s.part(name))));
    }

    /** Waits until a part is in a phase other than starting. */
    synchronized PartState awaitSettled(PartName name) throws InterruptedException {
        while (state.part(name).phase() == PartState.Phase.STARTING
                || state.part(name).phase() == PartState.Phase.RESTARTING
                || state.part(name).phase() == PartState.Phase.STOPPED) {
            wait();
        }
        return state.part(name);
    }
}
