package perdura.training.tasks.detect;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.nn.ScriptBuilder;
import perdura.training.tasks.fit.FitNet;
import perdura.training.tasks.fit.NetWeights;
import perdura.training.torch.Parameters;
import perdura.training.torch.Script;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;

/** A detector on a device. Lives as long as its engine. */
final class DetectorNet implements FitNet<BoxBatch> {
    /** Of the metrics, in the order of {@link DetectorPass.Losses#each}. */
    private static final List<String> LOSSES =
            List.of("loss_objectness", "loss_rpn_boxes", "loss_classes", "loss_boxes");

    private final Detector detector;
    private final long seed;
    private final NetWeights weights;
    private final List<String> trained;
    private final DetectorPass pass;
    private final List<Tensor> current;
    private final List<Tensor> best;

    /**
     * A detector with first weights that are a function of the run seed and of what is copied over them.
     *
     * @param copyOver told the weights once they have the seed's values
     */
    DetectorNet(Torch torch, Detector detector, long seed, Consumer<Parameters> copyOver) {
        ScriptBuilder program = detector.program();
        this.detector = detector;
        this.seed = seed;
        this.weights = new NetWeights(torch, detector.layout(), seed, copyOver);
        this.trained = program.trained();
        this.pass = new DetectorPass(detector.spec(), Script.compile(torch, program.text()), ElementType.F32);
        this.current = program.arguments(weights.of(NetWeights.Kind.CURRENT));
        this.best = program.arguments(weights.of(NetWeights.Kind.BEST));
    }

    @Override
    public NetWeights weights() {
        return weights;
    }

    @Override
    public List<String> trained() {
        return trained;
    }

    @Override
    public StepLoss loss(StepScope scope, BoxBatch batch) {
        DetectorPass.Losses losses =
                pass.losses(scope, current, images(scope, batch), batch.truths(), batch.order(seed));
        Map<String, Double> told = new LinkedHashMap<>();
        for (int i = 0; i < LOSSES.size(); i++) {
            told.put(LOSSES.get(i), losses.each()[i]);
        }
        return new StepLoss(losses.total(), told);
    }

    /** What is found in each image of a batch. */
    DetectorPass.Found detect(NetWeights.Kind kind, BoxBatch batch) {
        try (StepScope scope = weights.torch().newStep()) {
            return pass.detect(scope, kind == NetWeights.Kind.BEST ? best : current, images(scope, batch));
        }
    }

    private Tensor images(StepScope scope, BoxBatch batch) {
        return scope.floats(
                batch.images(),
                batch.size(),
                detector.backbone().channels(),
                detector.spec().height(),
                detector.spec().width());
    }
}
