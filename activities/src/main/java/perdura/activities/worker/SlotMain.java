package perdura.activities.worker;

import java.io.IOException;
import perdura.activities.gpu.RunJobFactory;
import perdura.training.tasks.Tasks;

/** Main class of the process of a slot. Started by a {@link WorkerSupervisor} only. */
public final class SlotMain {
    private SlotMain() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        SlotProgram.run(new RunJobFactory(Tasks.load()));
    }
}
