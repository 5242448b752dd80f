package perdura.training.methods.sense.model;

import java.util.List;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.torch.Parameters;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;

/** An epoch's clusters on the device (sense.md 3b, 3d). */
public final class EpochClusters implements AutoCloseable {
    private static final List<String> NAMES = List.of("labels", "centroids", "phi");

    private final Parameters store;

    /**
     * Copies them to the device.
     *
     * @param labels int64 [R], the cluster of each row of the data set; what rows have that take no part is not looked at
     * @param centroids float [K, D] or [K, 2D], unit vectors
     * @param phi float [K], the temperature of each
     */
    public EpochClusters(Torch torch, HostTensor labels, HostTensor centroids, HostTensor phi) {
        this.store = new Parameters(torch);
        List<HostTensor> values = List.of(labels, centroids, phi);
        for (int i = 0; i < NAMES.size(); i++) {
            HostTensor value = values.get(i);
            ElementType type = value.type();
            store.add(NAMES.get(i), type, value.shape());
            store.copyIn(new HostTensor(NAMES.get(i), type, value.shape(), value.data()));
        }
    }

    /** Labels, centroids and temperatures. */
    List<Tensor> tensors() {
        return store.tensors(NAMES);
    }

    @Override
    public void close() {
        store.close();
    }
}
