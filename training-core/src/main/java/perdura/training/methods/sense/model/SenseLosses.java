package perdura.training.methods.sense.model;

import java.util.ArrayList;
import java.util.List;
import perdura.training.methods.sense.spec.ClusterSpec.Fusion;
import perdura.training.methods.sense.spec.LossSpec;
import perdura.training.methods.sense.spec.LossSpec.MmcAnchor;
import perdura.training.methods.sense.spec.LossSpec.MmcForm;
import perdura.training.methods.sense.spec.LossSpec.SameStudyKeys;
import perdura.training.methods.sense.spec.SenseSpec.LossWeights;
import perdura.training.nn.ScriptBuilder;
import perdura.training.nn.ScriptOps;

/**
 * The three losses over a whole batch (sense.md 3d). Candidates stand in columns: the B keys of the batch, then the L slots of the queue, of
 * which those are free whose study is -1.
 *
 * @param weights a loss of weight 0 is not written
 * @param fusion how images and reports are joined
 * @param isUni whether S-UMC has projectors and queues of its own
 */
record SenseLosses(LossSpec spec, LossWeights weights, Fusion fusion, boolean isUni) {
    /** The same before there are clusters. */
    SenseLosses unclustered() {
        LossSpec unmasked = new LossSpec(
                spec.tau(),
                spec.tauPrototype(),
                spec.inBatchNegatives(),
                spec.sameStudyKeys(),
                false,
                spec.mmcForm(),
                spec.mmcAnchor(),
                spec.symmetricViews());
        return new SenseLosses(unmasked, new LossWeights(weights.cmc(), 0, weights.umc()), fusion, isUni);
    }

    /** Whether any loss is left. */
    boolean isEmpty() {
        return weights.cmc() + weights.mmc() + weights.umc() == 0;
    }

    /** Whether S-UMC reads the vectors of projectors of its own. */
    boolean readsUni() {
        return weights.umc() > 0 && isUni;
    }

    /** Whether a loss reads the vectors of p_cro. */
    boolean readsCross() {
        return weights.cmc() + weights.mmc() > 0 || (weights.umc() > 0 && !isUni);
    }

    /** Whether there is a queue of fused keys, with labels. */
    boolean readsFused() {
        return weights.mmc() > 0 && spec.mmcForm() == MmcForm.QUEUE_LABEL;
    }

    /** Whether a loss reads labels. */
    boolean readsLabels() {
        return weights.mmc() > 0 || spec.clusterMask();
    }

    /** Writes the functions that the losses call. */
    void writeParts(ScriptBuilder program) {
        writeFuse(program, fusion);
        program.function("own", "studies: Tensor, queued: Tensor", "Tensor", """
            b = torch.size(studies, 0)
            return torch.eye(b, torch.add(b, torch.size(queued, 0)), dtype=11, layout=None, device=studies.device)
            """);
        program.function("softmax_loss", "logits: Tensor, candidates: Tensor, positives: Tensor", "Tensor", """
            all = torch.logsumexp(torch.masked_fill(logits, torch.logical_not(candidates), float('-inf')), [1])
            own = torch.sum(torch.mul(logits, torch.to(positives, logits.dtype)), [1])
            return torch.sub(all, torch.div(own, torch.sum(positives, [1])))
            """);
        program.function("cosines", "a: Tensor, keys: Tensor, queue: Tensor", "Tensor", """
            return torch.cat([torch.matmul(a, torch.t(keys)), torch.matmul(a, torch.t(queue))], 1)
            """);
        program.function("proto", "a: Tensor, y: Tensor, centroids: Tensor, phi: Tensor", "Tensor", """
            logits = torch.div(torch.matmul(a, torch.t(centroids)), phi)
            own = torch.squeeze(torch.gather(logits, 1, torch.unsqueeze(y, 1)), 1)
            return torch.sub(torch.logsumexp(logits, [1]), own)
            """);
        program.function(
                "label_nce",
                "a: Tensor, keys: Tensor, y: Tensor, queue: Tensor, queued: Tensor",
                "Tensor",
                """
                all = torch.unsqueeze(torch.cat([y, queued]), 0)
                own = self.own(p, y, queued)
                positives = torch.logical_or(own, torch.eq(torch.unsqueeze(y, 1), all))
                candidates = torch.logical_or(own, torch.ge(all, 0))
                logits = torch.div(self.cosines(p, a, keys, queue), %s)
                return self.softmax_loss(p, logits, candidates, positives)
                """.formatted(spec.tau()));
        program.function(
                "two_way",
                "one: Tensor, ones: Tensor, ones_queue: Tensor, two: Tensor, twos: Tensor, twos_queue: Tensor, masks:"
                        + " List[Tensor]",
                "List[Tensor]",
                """
                first = self.cosines(p, one, ones, ones_queue)
                second = self.cosines(p, two, twos, twos_queue)
                a = self.softmax_loss(p, torch.div(first, %1$s), masks[0], masks[1])
                b = self.softmax_loss(p, torch.div(second, %1$s), masks[0], masks[1])
                loss = torch.div(torch.add(torch.mean(a), torch.mean(b)), 2)
                both = torch.div(torch.add(torch.detach(first), torch.detach(second)), 2)
                negatives = torch.logical_and(masks[0], torch.logical_not(masks[1]))
                positive = torch.div(torch.sum(torch.mul(both, masks[1])), torch.sum(masks[1]))
                negative = torch.div(torch.sum(torch.mul(both, negatives)), torch.clamp_min(torch.sum(negatives), 1))
                return [loss, positive, negative, a, b]
                """.formatted(spec.tau()));
    }

    /** Writes {@code fuse}: vectors of images and reports [B, D] to unit vectors [B, D] or [B, 2D]. */
    static void writeFuse(ScriptBuilder program, Fusion fusion) {
        ScriptOps.writeUnit(program);
        program.function(
                "fuse",
                "v: Tensor, t: Tensor",
                "Tensor",
                fusion == Fusion.MEAN
                        ? "return self.unit(p, torch.div(torch.add(v, t), 2))\n"
                        : "return self.unit(p, torch.cat([v, t], -1))\n");
    }

    /**
     * Studies and labels of the batch [B] and of the queue [L] to candidates and positives, bool [B, B + L]; labels are not
     * looked at without {@code clusterMask}.
     */
    void writeMasks(ScriptBuilder program, String name) {
        StringBuilder body = new StringBuilder("""
            all = torch.unsqueeze(torch.cat([studies, queued]), 0)
            own = self.own(p, studies, queued)
            other = torch.logical_not(own)
            same = torch.eq(torch.unsqueeze(studies, 1), all)
            candidates = torch.logical_or(own, torch.ge(all, 0))
            """);
        if (!spec.inBatchNegatives()) {
            body.append("""
                columns = torch.arange(0, torch.size(own, 1), dtype=None, layout=None, device=own.device)
                queue = torch.unsqueeze(torch.ge(columns, torch.size(studies, 0)), 0)
                candidates = torch.logical_and(candidates, torch.logical_or(own, queue))
                """);
        }
        body.append(
                spec.sameStudyKeys() == SameStudyKeys.DROP
                        ? """
                        candidates = torch.logical_and(candidates, torch.logical_not(torch.logical_and(same, other)))
                        positives = own
                        """
                        : "positives = torch.logical_and(candidates, torch.logical_or(own, same))\n");
        if (spec.clusterMask()) {
            body.append("""
                near = torch.eq(torch.unsqueeze(y, 1), torch.unsqueeze(torch.cat([y, queued_y]), 0))
                away = torch.logical_or(torch.logical_not(near), positives)
                candidates = torch.logical_and(candidates, away)
                """);
        }
        program.function(
                name,
                "studies: Tensor, queued: Tensor, y: Tensor, queued_y: Tensor",
                "List[Tensor]",
                body + "return [candidates, positives]\n");
    }

    /**
     * Writes a function that takes the vectors of the normal network {@code z} and the keys {@code k}, both in the order of {@link Rings}
     * as far as they are read, the queues {@code q}, the studies of the batch [B] and, with labels, the clusters {@code c} of the epoch, to
     * the weighted sum [] and the {@linkplain #figures figures} [n], detached.
     *
     * @param share what the sum and the figures are multiplied with
     */
    void write(ScriptBuilder program, String name, double share) {
        StringBuilder body = new StringBuilder();
        if (readsLabels()) {
            body.append("""
                y = torch.index_select(c[0], 0, studies)
                queued_y = torch.index_select(c[0], 0, torch.clamp_min(q[0], 0))
                """);
        } else {
            body.append("y = studies\nqueued_y = q[0]\n");
        }
        int uni = readsCross() ? 2 : 0;
        writeMasks(program, name + "_masks");
        body.append("masks = self.").append(name).append("_masks(p, studies, q[0], y, queued_y)\n");
        List<String> sum = new ArrayList<>();
        List<String> figures = new ArrayList<>();
        if (weights.cmc() > 0) {
            body.append("cmc = self.two_way(p, z[0], k[1], q[2], z[1], k[0], q[1], masks)\n");
            sum.add("torch.mul(cmc[0], " + weights.cmc() + ")");
            figures.addAll(List.of("cmc[0]", "cmc[1]", "cmc[2]"));
        }
        if (weights.mmc() > 0) {
            body.append(multiModal());
            sum.add("torch.mul(mmc, " + weights.mmc() + ")");
            figures.add("mmc");
        }
        if (weights.umc() > 0) {
            body.append(
                    isUni
                            ? "umc = self.two_way(p, z[%d], k[2], q[3], z[%d], k[3], q[4], masks)\n"
                                    .formatted(uni, uni + 1)
                            : "umc = self.two_way(p, z[0], k[0], q[1], z[1], k[1], q[2], masks)\n");
            sum.add("torch.mul(umc[0], " + weights.umc() + ")");
            figures.addAll(List.of("umc[0]", "umc[1]", "umc[2]"));
        }
        String total = sum.stream().reduce("torch.add(%s, %s)"::formatted).orElseThrow();
        body.append("""
            total = torch.mul(%s, %s)
            figures = torch.mul(torch.detach(torch.stack([%s])), %s)
            return [total, figures]
            """.formatted(total, share, String.join(", ", figures), share));
        program.function(
                name,
                "z: List[Tensor], k: List[Tensor], q: List[Tensor]"
                        + (readsLabels() ? ", c: List[Tensor]" : "")
                        + ", studies: Tensor",
                "List[Tensor]",
                body.toString());
    }

    /** S-MMC (Eq. 5), in its form and with its anchors. */
    private String multiModal() {
        boolean isFused = spec.mmcAnchor() == MmcAnchor.FUSED;
        if (spec.mmcForm() == MmcForm.QUEUE_LABEL) {
            int at = isUni ? 5 : 3;
            String queue = "keys, y, q[" + at + "], q[" + (at + 1) + "]";
            return "keys = self.fuse(p, k[0], k[1])\n" + mean("label_nce", isFused, queue, queue);
        }
        if (isFused || fusion == Fusion.MEAN) {
            return mean("proto", isFused, "y, c[1], c[2]", "y, c[1], c[2]");
        }
        return """
            halves = torch.chunk(c[1], 2, 1)
            one = self.unit(p, halves[0])
            two = self.unit(p, halves[1])
            """ + mean("proto", false, "y, one, c[2]", "y, two, c[2]");
    }

    private static String mean(String function, boolean isFused, String ofImages, String ofTexts) {
        return isFused
                ? "mmc = torch.mean(self.%s(p, self.fuse(p, z[0], z[1]), %s))\n".formatted(function, ofImages)
                : "mmc = torch.div(torch.add(torch.mean(self.%1$s(p, z[0], %2$s)), torch.mean(self.%1$s(p, z[1], %3$s))), 2)\n"
                        .formatted(function, ofImages, ofTexts);
    }

    /**
     * Names of the figures, in order: each loss before weighting, and of S-CMC and S-UMC the mean cosine of positives and of the other
     * candidates.
     */
    List<String> figures() {
        List<String> figures = new ArrayList<>();
        if (weights.cmc() > 0) {
            figures.addAll(List.of("cmc", "cmc_positive", "cmc_negative"));
        }
        if (weights.mmc() > 0) {
            figures.add("mmc");
        }
        if (weights.umc() > 0) {
            figures.addAll(List.of("umc", "umc_positive", "umc_negative"));
        }
        return figures;
    }
}
