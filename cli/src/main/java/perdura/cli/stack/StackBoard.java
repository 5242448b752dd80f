package perdura.cli.stack;

import java.nio.file.Path;
import java.util.function.UnaryOperator;
import perdura.cli.stack.StackState.PartState;

/** The one place of a supervising process that changes the state, in memory and in the file. Thread-safe. */
final class StackBoard {
    private final StackHome home;
    private StackState state;

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

    synchronized void change(UnaryOperator<StackState> change) {
        state = change.apply(state);
        home.saveState(state);
        notifyAll();
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
