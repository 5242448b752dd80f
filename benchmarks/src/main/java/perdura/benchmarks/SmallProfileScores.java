package perdura.benchmarks;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import perdura.benchmarks.SmallProfileData.Study;
import perdura.datasets.text.EncodedReport;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.StageSpec;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.method.PromptTexts;
import perdura.training.methods.prior.model.EncodedImages;
import perdura.training.methods.prior.model.EncodedTexts;
import perdura.training.methods.prior.model.PairScores;
import perdura.training.methods.prior.model.Prior;
import perdura.training.methods.prior.model.PriorInference;
import perdura.training.tasks.pair.ScoreRule;
import perdura.training.torch.Parameters;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;

/** What a trained PRIOR can do on the judged set: zero-shot classification, retrieval, and where its maps look (prior.md 4.3). */
final class SmallProfileScores implements AutoCloseable {
    private static final int CHUNK = 100;
    private static final List<String> PROMPTS = List.of(
            "Atelectasis is observed",
            "Cardiomegaly is observed",
            "Consolidation is observed",
            "Edema is observed",
            "Pleural effusion is observed");
    private static final int EFFUSION = 4;
    private static final ScoreRule RULE = new ScoreRule(ScoreRule.Scale.LOG, 1);

    private final PretrainSpec spec;
    private final SmallProfileData data;
    private final Torch torch;
    private final Parameters parameters;
    private final PriorInference inference;

    SmallProfileScores(
            PretrainSpec spec, SmallProfileData data, StageSpec stage, List<HostTensor> weights, int threads) {
        this.spec = spec;
        this.data = data;
        this.torch = Torch.start("cpu", threads);
        Prior prior = new Prior(spec.model(), data.train().vocabulary().size());
        this.parameters = prior.layout().allocate(torch, ElementType.F32);
        parameters.copyIn(weights);
        this.inference = new PriorInference(torch, parameters, prior, stage);
    }

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        try (StepScope texts = torch.newStep()) {
            EncodedTexts prompts = inference.encodeTexts(texts, prompts(), () -> {});
            EncodedTexts reports = inference.encodeTexts(texts, reports(), () -> {});
            lines.addAll(choose(prompts, reports));
            for (int i = 0; i < PROMPTS.size(); i++) {
                lines.add(maps(prompts, i));
            }
        }
        return lines;
    }

    private List<EncodedReport> prompts() {
        return PromptTexts.encode(
                data.train().vocabulary(),
                spec.model().textLength(),
                PROMPTS.stream().map(List::of).toList());
    }

    private List<EncodedReport> reports() {
        List<EncodedReport> reports = new ArrayList<>();
        for (List<Study> studies : data.reportsByClass()) {
            for (Study study : studies) {
                reports.add(EncodedReport.of(
                        data.judged().sentences(study.row()),
                        spec.model().textLength(),
                        spec.model().overlong()));
            }
        }
        return reports;
    }

    /** Zero-shot by the prompts and Precision@1 among the reports, by global and local scores together and by either alone. */
    private List<String> choose(EncodedTexts prompts, EncodedTexts reports) {
        double scale = logScale();
        List<Integer> reportClass = new ArrayList<>();
        for (int c = 0; c < PROMPTS.size(); c++) {
            for (int i = 0; i < data.reportsByClass().get(c).size(); i++) {
                reportClass.add(c);
            }
        }
        int[][] right = new int[2][3];
        int[] rightOfClass = new int[PROMPTS.size()];
        int[][] confusion = new int[PROMPTS.size()][PROMPTS.size()];
        for (int c = 0; c < PROMPTS.size(); c++) {
            List<Study> studies = data.byClass().get(c);
            for (int from = 0; from < studies.size(); from += CHUNK) {
                List<Study> chunk = studies.subList(from, Math.min(from + CHUNK, studies.size()));
                try (StepScope scope = torch.newStep()) {
                    EncodedImages images = inference.encodeImages(scope, images(scope, chunk));
                    PairScores byPrompt = inference.score(images, prompts, () -> {});
                    PairScores byReport = inference.score(images, reports, () -> {});
                    for (int i = 0; i < chunk.size(); i++) {
                        int[] told = choices(byPrompt.cosines(i), byPrompt.local(i), scale);
                        int[] found = choices(byReport.cosines(i), byReport.local(i), scale);
                        for (int k = 0; k < 3; k++) {
                            right[0][k] += told[k] == c ? 1 : 0;
                            right[1][k] += reportClass.get(found[k]) == c ? 1 : 0;
                        }
                        rightOfClass[c] += told[0] == c ? 1 : 0;
                        confusion[c][told[0]]++;
                    }
                }
            }
        }
        double all = data.images();
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT,
                "zero-shot %.3f (global alone %.3f, local alone %.3f); P@1 %.3f (%.3f, %.3f)",
                right[0][0] / all,
                right[0][1] / all,
                right[0][2] / all,
                right[1][0] / all,
                right[1][1] / all,
                right[1][2] / all));
        StringBuilder classes = new StringBuilder("zero-shot by class");
        for (int c = 0; c < PROMPTS.size(); c++) {
            classes.append(String.format(
                    Locale.ROOT,
                    " %s %.2f %s",
                    SmallProfileData.CLASSES.get(c),
                    rightOfClass[c] / (double) data.byClass().get(c).size(),
                    Arrays.toString(confusion[c])));
        }
        lines.add(classes.toString());
        return lines;
    }

    private double logScale() {
        return parameters.tensor(Prior.LOG_SCALES.get(0)).item();
    }

    /** The best by both, by the global score, by the local one. */
    private static int[] choices(double[] cosines, double[] local, double scale) {
        return new int[] {
            ScoreRule.best(RULE.combine(cosines, local, scale)), ScoreRule.best(cosines), ScoreRule.best(local)
        };
    }

    /**
     * How often the map of a class's prompt has more weight inside the true region than outside it, and more on the true side than in
     * its mirror image: both maps, each as it is.
     */
    private String maps(EncodedTexts prompts, int prompt) {
        List<Study> studies = data.byClass().get(prompt);
        int patches = spec.model().patches();
        int[] inside = new int[3];
        int[] side = new int[3];
        int sided = 0;
        for (int from = 0; from < studies.size(); from += CHUNK) {
            List<Study> chunk = studies.subList(from, Math.min(from + CHUNK, studies.size()));
            try (StepScope scope = torch.newStep()) {
                EncodedImages images = inference.encodeImages(scope, images(scope, chunk));
                List<double[]> maps = inference.localMaps(scope, images, prompts, prompt).stream()
                        .map(Tensor::toDoubles)
                        .toList(); // A_s [N, 1, P], A_v [N, P, 1]
                for (int i = 0; i < chunk.size(); i++) {
                    Study study = chunk.get(i);
                    boolean isSided = !study.side().equals("both");
                    sided += isSided ? 1 : 0;
                    for (int map = 0; map < 3; map++) {
                        double[] weights = maps.get(Math.min(map, 1));
                        SmallProfileRegion region = SmallProfileRegion.of(
                                weights, i * patches, study.mask(), spec.model().grid(), map < 2);
                        inside[map] += region.inside() > region.outside() ? 1 : 0;
                        side[map] += isSided && region.inside() > region.mirrored() ? 1 : 0;
                    }
                }
            }
        }
        double all = studies.size();
        double ofSide = Math.max(1, sided);
        return String.format(
                Locale.ROOT,
                "%smap of '%s': inside A_v %.2f (as squares %.2f), A_s %.2f of %d; true side A_v %.2f (as squares %.2f), A_s %.2f"
                        + " of %d",
                prompt == EFFUSION ? "* " : "",
                PROMPTS.get(prompt),
                inside[1] / all,
                inside[2] / all,
                inside[0] / all,
                studies.size(),
                side[1] / ofSide,
                side[2] / ofSide,
                side[0] / ofSide,
                sided);
    }

    private Tensor images(StepScope scope, List<Study> studies) {
        int side = spec.model().imageSize();
        FloatBuffer pixels = ByteBuffer.allocateDirect(4 * studies.size() * side * side)
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
        for (int i = 0; i < studies.size(); i++) {
            data.writeImage(studies.get(i), pixels, i * side * side);
        }
        return scope.floats(pixels, studies.size(), 1, side, side);
    }

    @Override
    public void close() {
        inference.close();
        parameters.close();
        torch.close();
    }
}
