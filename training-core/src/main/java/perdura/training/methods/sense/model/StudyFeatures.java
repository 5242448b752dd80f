package perdura.training.methods.sense.model;

import java.util.List;
import perdura.training.methods.sense.spec.ClusterSpec.Fusion;
import perdura.training.nn.ScriptBuilder;
import perdura.training.nn.ScriptBuilder.Mode;
import perdura.training.torch.Script;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;

/** Joins the keys of a study's images and report to its feature (sense.md 3a, Eq. 3). */
public final class StudyFeatures implements AutoCloseable {
    private final Script script;

    public StudyFeatures(Torch torch, Fusion fusion) {
        ScriptBuilder program = new ScriptBuilder(Mode.EVAL);
        SenseLosses.writeFuse(program, fusion);
        String zeroSum = fusion == Fusion.CONCAT ? "" : """
            norm = torch.linalg_vector_norm(torch.add(a, b), 2, [-1], True)
            feature = torch.where(torch.lt(norm, 1e-06), b, feature)
            """;
        program.function("features", "places: Tensor", "Tensor", """
            images = torch.constant_pad_nd(p[0], [0, 0, 0, 1], 0)
            own = torch.index(images, annotate(List[Optional[Tensor]], [places]))
            some = torch.sum(torch.ne(places, torch.size(p[0], 0)), [1], True, dtype=images.dtype)
            a = torch.div(torch.sum(own, [1]), some)
            b = p[1]
            feature = self.fuse(p, a, b)
            %sreturn feature
            """.formatted(zeroSum));
        this.script = Script.compile(torch, program.text());
    }

    /**
     * The features of studies.
     *
     * @param images z_hat^v of images [J, D]
     * @param places int64 [N, M]: which image is a study's first, second and so on; J where it has no more. Each has at least one
     * @param texts z_hat^t of the studies' reports [N, D]
     * @return unit vectors [N, D], or [N, 2D] where they are joined by {@code CONCAT}
     */
    public Tensor of(StepScope scope, Tensor images, Tensor places, Tensor texts) {
        return script.call(scope, "features", List.of(List.of(images, texts)), places)
                .get(0);
    }

    @Override
    public void close() {
        script.close();
    }
}
